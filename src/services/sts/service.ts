// AWS STS as the gateway sees it: its wire names, the model that the SDK publishes, and the operations that are built.
import type { AwsService, OperationTable } from '../../aws/operation.ts'
import { getCallerIdentity } from './get-caller-identity.ts'
import constraints from './model.generated.json' with { type: 'json' }

export const stsOperations: OperationTable = { GetCallerIdentity: getCallerIdentity }

export const stsService = (): AwsService => ({
  name: 'sts',
  protocol: 'awsQuery',
  target: '2011-06-15',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  schemas: () => import('@aws-sdk/client-sts'),
  constraints,
  operations: stsOperations,
})
