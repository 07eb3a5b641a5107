// The service events of registering and deregistering targets, word for word as ECS has them. Pure. After: commit.ts tells them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
import type { Target } from '../../domain/load-balancing/target-group.ts'
import type { Service } from '../../domain/service.ts'
import type { Facts, TargetsPlan } from './plan.ts'

export type Planned = { readonly facts: Facts; readonly plan: TargetsPlan }

export const targetsEvents = ({ name }: Pick<Service, 'name'>, planned: readonly Planned[]): readonly string[] => {
  const registered = planned.flatMap(({ plan }) => plan.register)
  // Of what is removed, what was being drained has been told.
  const deregistered = planned.flatMap(({ plan }) => [
    ...plan.deregister,
    ...plan.remove.filter(row => row.deregisteredAt === undefined),
  ])
  const draining = Map.groupBy(
    planned.filter(({ plan }) => plan.deregister.length > 0),
    ({ facts }) => facts.task?.deploymentId ?? '',
  )
  return [
    ...byGroup(registered).map(
      ([group, count]) => `(service ${name}) registered ${count} targets in (target-group ${group})`,
    ),
    ...byGroup(deregistered).map(
      ([group, count]) => `(service ${name}) deregistered ${count} targets in (target-group ${group})`,
    ),
    ...[...draining].map(
      ([deploymentId, tasks]) =>
        `(service ${name}, taskSet ${deploymentId}) has begun draining connections on ${tasks.length} tasks.`,
    ),
  ]
}

const byGroup = (rows: readonly Target[]): readonly (readonly [group: string, count: number])[] =>
  [...Map.groupBy(rows, row => row.targetGroupArn)].map(([group, own]) => [group, own.length])

export const refusedEvent = ({ name }: Pick<Service, 'name'>, targetGroupArn: string, reason: string): string =>
  `service ${name} failed to register targets in target-group ${targetGroupArn} with (error ${reason})`
