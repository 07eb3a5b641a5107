// The AWS services that Stowage is, as the gateway and docs/coverage.md list them.
import type { AwsService } from '../aws/operation.ts'
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import { acmService } from '../services/acm/service-description.ts'
import { ec2Service } from '../services/ec2/service-description.ts'
import { ecsService } from '../services/ecs/service-description.ts'
import { elbv2Service } from '../services/elbv2/service-description.ts'
import { stsService } from '../services/sts/service.ts'
import type { Store } from '../store/store.ts'

export const awsServices = (dependencies: {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
}): readonly AwsService[] => [
  ecsService(dependencies),
  ec2Service(dependencies),
  elbv2Service(dependencies),
  acmService(dependencies),
  stsService(),
]
