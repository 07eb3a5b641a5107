// Elastic Load Balancing v2 as the gateway sees it: its wire names, the model that the SDK publishes, and the operations that
// are built.
import type { AwsService } from '../../aws/operation.ts'
import type { Elbv2Dependencies } from './context.ts'
import constraints from './model.generated.json' with { type: 'json' }
import { elbv2Operations } from './operations.ts'

export const elbv2Service = (dependencies: Elbv2Dependencies): AwsService => ({
  name: 'elasticloadbalancing',
  protocol: 'awsQuery',
  target: '2015-12-01',
  xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  schemas: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  constraints,
  operations: elbv2Operations(dependencies),
})
