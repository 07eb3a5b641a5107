// DescribeTargetHealth: what follows from a target and its group (unused, draining), else what the load balancer's checks saw.
// One that is asked for and not registered is `unused`: waiters for deregistration wait for that.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
import type {
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  TargetHealth as HealthAnswer,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Target, type TargetGroup, targetKey } from '../../../domain/load-balancing/target-group.ts'
import { targetHealth, targets } from '../../../store/load-balancing-tables.ts'
import type { Reader } from '../../../store/store.ts'
import type { Elbv2Operation } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { findTargetGroup, loadBalancersOf } from '../find.ts'
import { type TargetName, targetName } from './check-targets.ts'

export const describeTargetHealth: Elbv2Operation<DescribeTargetHealthInput, DescribeTargetHealthOutput> =
  ({ store }) =>
  (request, input) => {
    const { TargetGroupArn, Targets = [] } = input
    const group = findTargetGroup(store, request, TargetGroupArn)
    checkBuilt('DescribeTargetHealthInput', input)
    const inUse = loadBalancersOf(store, group.arn).length > 0
    const asked = Targets.map(description => targetName(group, description))
    const rows = [...store.byIndex(targets, 'byTargetGroup', group.arn)]
    const names: readonly TargetName[] = asked.length > 0 ? asked : rows
    return {
      TargetHealthDescriptions: names.map(name => {
        const target = store.get(targets, targetKey(name))
        return describe(group, target ?? name, healthOf(store, target, inUse))
      }),
    }
  }

const describe = (
  { healthCheck: { port } }: TargetGroup,
  target: TargetName & Partial<Target>,
  health: HealthAnswer,
): TargetHealthDescription => ({
  Target: {
    Id: target.id,
    Port: target.port,
    ...(target.availabilityZone === undefined ? {} : { AvailabilityZone: target.availabilityZone }),
  },
  HealthCheckPort: port === 'traffic-port' ? String(target.port) : port,
  TargetHealth: health,
})

const health = (State: HealthAnswer['State'], Reason: HealthAnswer['Reason'], Description: string): HealthAnswer => ({
  State,
  Reason,
  Description,
})

const healthOf = (reader: Reader, target: Target | undefined, inUse: boolean): HealthAnswer => {
  if (!target) return health('unused', 'Target.NotRegistered', 'Target is not registered to the target group')
  if (target.deregisteredAt !== undefined)
    return health('draining', 'Target.DeregistrationInProgress', 'Target deregistration is in progress')
  if (!inUse)
    return health(
      'unused',
      'Target.NotInUse',
      'Target group is not configured to receive traffic from the load balancer',
    )
  const seen = reader.get(targetHealth, targetKey(target))
  if (!seen) return health('initial', 'Elb.RegistrationInProgress', 'Target registration is in progress')
  const { state, reason, description } = seen
  return {
    State: state,
    ...(reason === undefined ? {} : { Reason: reason }),
    ...(description === undefined ? {} : { Description: description }),
  }
}
