// The service events of Availability Zone rebalancing, as ECS has them: those that tell of zones as seen, the others as documented.
// That tasks were started for a zone is told where they are placed.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing-event-messages-list.html
import type { Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'

type Named = Pick<Service, 'name' | 'launchType'>

export type ZoneCount = { readonly name: string; readonly count: number }

const inZones = (counts: readonly ZoneCount[]): string =>
  counts.map(({ name, count }) => `${count} tasks in ${name}`).join(', ')

export const unbalancedEvent = ({ name }: Named, counts: readonly ZoneCount[]): string =>
  `(service ${name}) is not AZ balanced with ${inZones(counts)}. AZ Rebalancing in progress.`

export const balancedEvent = ({ name }: Named, counts: readonly ZoneCount[]): string =>
  `(service ${name}) is AZ balanced with ${inZones(counts)}.`

export const stoppedEvent = ({ name }: Named, { id, availabilityZone }: Task): string =>
  `(service ${name}) has stopped 1 running tasks in ${availabilityZone} due to AZ rebalancing: (task ${id}).`

export const unplacedEvent = ({ name, launchType }: Named, zone: string): string =>
  launchType === 'FARGATE'
    ? `(service ${name}) is unable to place a task in ${zone}.`
    : `(service ${name}) is unable to place a task in ${zone} because no container instance met all of its requirements.`

export const heldEvent = ({ name }: Named, deploymentId: string): string =>
  `(service ${name}) was unable to AZ Rebalance because task set (${deploymentId}) was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks`

export const endedEvent = ({ name }: Named): string => `(service ${name}) stopped AZ Rebalancing.`
