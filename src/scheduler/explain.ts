// Why a task could not be placed, in ECS's words for service events and in figures for a user. From `place`'s refusals.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
import { lastSegment } from '../domain/arn.ts'
import type { Task } from '../domain/task.ts'
import type { Refusal } from './place.ts'

const MORE = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

/** RunTask's failure, and the service event's reason, when no FARGATE capacity will do. */
export const FARGATE_UNAVAILABLE =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone'

/** How many instances an explanation lists: enough to see a pattern, short enough for a row and a terminal. */
const LISTED_INSTANCES = 5

/** The instance that came nearest: it passed the most filters; of equals the first by ARN, so the answer is stable. */
export const closest = (refusals: readonly Refusal[]): Refusal | undefined =>
  refusals.reduce<Refusal | undefined>(
    (best, refusal) =>
      best === undefined || refusal.passed > best.passed || (refusal.passed === best.passed && refusal.arn < best.arn)
        ? refusal
        : best,
    undefined,
  )

/** The service event, word for word as ECS has it. */
export const unableToPlaceEvent = (
  serviceName: string,
  { launchType, capacityProviderName }: Pick<Task, 'launchType' | 'capacityProviderName'>,
  refusals: readonly Refusal[],
): string => {
  if (launchType === 'FARGATE')
    return `(service ${serviceName}) was unable to place a task. Reason: ${FARGATE_UNAVAILABLE}.`
  const told = `(service ${serviceName}) was unable to place a task because no container instance met all of its requirements.`
  const nearest = closest(refusals)
  const where = capacityProviderName === undefined ? 'cluster' : 'capacity provider'
  if (nearest === undefined) return `${told} Reason: No Container Instances were found in your ${where}. ${MORE}`
  return `${told} The closest matching (container-instance ${lastSegment(nearest.arn)}) ${inWords(nearest.reason)}. ${MORE}`
}

// The event's own words for a reason. ECS words three of the resources; the rest are quoted as they stand.
const inWords = (reason: string): string => {
  switch (reason) {
    case 'RESOURCE:CPU':
      return 'has insufficient CPU units available'
    case 'RESOURCE:MEMORY':
      return 'has insufficient memory available'
    case 'RESOURCE:PORTS':
      return 'is already using a port required by your task'
    case 'ATTRIBUTE':
      return 'is missing an attribute required by your task'
    default:
      return `encountered error "${reason}"`
  }
}

/** Whether a task that goes could make the place that one with this explanation waits for. */
export const waitsForRoom = (explanation: string): boolean => /RESOURCE:|DistinctInstance/.test(explanation)

/** For the task's row: how many instances refused it for which reason, then the closest ones with figures. */
export const explainRefusals = (refusals: readonly Refusal[]): string => {
  if (refusals.length === 0) return 'There is no container instance to place it on.'
  const byReason = new Map<string, number>()
  for (const { reason } of refusals) byReason.set(reason, (byReason.get(reason) ?? 0) + 1)
  const counts = [...byReason].map(([reason, count]) => `${count} x ${reason}`).join(', ')
  const nearest = [...refusals]
    .sort((a, b) => b.passed - a.passed || (a.arn < b.arn ? -1 : 1))
    .slice(0, LISTED_INSTANCES)
    .map(({ arn, reason, detail }) => `${lastSegment(arn)}: ${reason}, ${detail}`)
  return `None of ${refusals.length} container instances will do (${counts}). ${nearest.join('; ')}.`
}
