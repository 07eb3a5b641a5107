// Amazon ECS as the gateway sees it: its wire names, the model that the SDK publishes, and the operations that are built.
import type { AwsService } from '../../aws/operation.ts'
import type { EcsDependencies } from './context.ts'
import constraints from './model.generated.json' with { type: 'json' }
import { ecsOperations } from './operations.ts'
import { AGENT_REPORTS, ECS_THROTTLING } from './throttling.ts'

export const ecsService = (dependencies: EcsDependencies): AwsService => ({
  name: 'ecs',
  protocol: 'awsJson1_1',
  target: 'AmazonEC2ContainerServiceV20141113',
  // The SDK package is the largest import of all; the first request waits for it, the start of the server does not.
  schemas: () => import('@aws-sdk/client-ecs'),
  constraints,
  operations: ecsOperations(dependencies),
  patient: AGENT_REPORTS,
  throttling: ECS_THROTTLING,
})
