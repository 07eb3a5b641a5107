// Amazon EC2 as the gateway sees it: its wire names, the model that the SDK publishes, and the operations that are built.
import type { AwsService } from '../../aws/operation.ts'
import type { Ec2Dependencies } from './context.ts'
import constraints from './model.generated.json' with { type: 'json' }
import { ec2Operations } from './operations.ts'

export const ec2Service = (dependencies: Ec2Dependencies): AwsService => ({
  name: 'ec2',
  protocol: 'ec2Query',
  target: '2016-11-15',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  // 65 MiB and a fifth of a second, for whoever asks for it first.
  schemas: () => import('@aws-sdk/client-ec2'),
  constraints,
  operations: ec2Operations(dependencies),
})
