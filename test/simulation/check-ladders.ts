// What may become of a row: statuses only climb, what is over stays over, what was observed is not taken back. Each yields what
// is wrong between two versions of a row that were durable one after the other.
import type { Deployment, Service } from '../../src/domain/service.ts'
import { isOver, type ServiceDeployment } from '../../src/domain/service-deployment.ts'
import { rankOf, type Task, type TaskContainer } from '../../src/domain/task.ts'
import type { TaskDefinition } from '../../src/domain/task-definition.ts'

const CONTAINER_LADDER = ['PENDING', 'RUNNING', 'STOPPED']
const ATTACHMENT_LADDER = ['PRECREATED', 'ATTACHED', 'DELETED']
const DEFINITION_LADDER = ['ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS']
const SERVICE_LADDER = ['ACTIVE', 'DRAINING', 'INACTIVE']
const SERVICE_DEPLOYMENT_LADDER = [
  'PENDING',
  'IN_PROGRESS',
  'STOP_REQUESTED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
]

const falls = (ladder: readonly string[], before: string | undefined, after: string | undefined): boolean =>
  ladder.indexOf(after ?? '') < ladder.indexOf(before ?? '')

export function* ofTask(before: Task, after: Task): Generator<string> {
  if (rankOf(after.lastStatus) < rankOf(before.lastStatus))
    yield `lastStatus fell from ${before.lastStatus} to ${after.lastStatus}`
  if (before.desiredStatus === 'STOPPED' && after.desiredStatus !== 'STOPPED') yield 'wanted again after it was stopped'
  if (after.version < before.version) yield `version fell from ${before.version} to ${after.version}`
  const shown = (task: Task) => `${task.lastStatus} ${task.desiredStatus} ${task.healthStatus}`
  if (after.version === before.version && shown(after) !== shown(before))
    yield `changed from ${shown(before)} to ${shown(after)} in version ${after.version}`
  yield* taken(before, after, ['containerInstanceArn', 'stopCode', 'stoppedReason', 'startedAt', 'stoppedAt'])
  for (const container of before.containers)
    yield* ofContainer(
      container,
      after.containers.find(({ name }) => name === container.name),
    )
  for (const { id, status } of before.attachments) {
    const now = after.attachments.find(one => one.id === id)?.status
    if (falls(ATTACHMENT_LADDER, status, now)) yield `its attachment fell from ${status} to ${now}`
  }
}

function* ofContainer(before: TaskContainer, after: TaskContainer | undefined): Generator<string> {
  if (after === undefined) return yield `lost its container ${before.name}`
  if (falls(CONTAINER_LADDER, before.lastStatus, after.lastStatus))
    yield `container ${before.name} fell from ${before.lastStatus} to ${after.lastStatus}`
  yield* taken(before, after, ['exitCode', 'reason'])
}

/** What was once said of it stays said. */
function* taken<Row>(before: Row, after: Row, fields: readonly (keyof Row & string)[]): Generator<string> {
  for (const field of fields)
    if (before[field] !== undefined && after[field] !== before[field])
      yield `${field} changed from ${before[field]} to ${after[field]}`
}

export function* ofService(before: Service, after: Service): Generator<string> {
  const anew = before.status === 'INACTIVE' && after.status === 'ACTIVE'
  if (!anew && falls(SERVICE_LADDER, before.status, after.status))
    yield `status went from ${before.status} to ${after.status}`
}

/** Only a rollback begins a rollout again, or brings back one that was replaced. */
export function* ofDeployment(before: Deployment, after: Deployment): Generator<string> {
  const rolledBackTo = after.status === 'PRIMARY' && /rolling back/.test(after.rolloutStateReason)
  if (rolledBackTo) return
  if (before.rolloutState !== 'IN_PROGRESS' && after.rolloutState !== before.rolloutState)
    yield `rolloutState went from ${before.rolloutState} to ${after.rolloutState}`
  if (before.status === 'INACTIVE' && after.status !== 'INACTIVE') yield `was INACTIVE and is ${after.status}`
}

export function* ofServiceDeployment(before: ServiceDeployment, after: ServiceDeployment): Generator<string> {
  if (isOver(before) && after.status !== before.status) yield `was over (${before.status}) and is ${after.status}`
  if (!isOver(after) && falls(SERVICE_DEPLOYMENT_LADDER, before.status, after.status))
    yield `status went from ${before.status} to ${after.status}`
  yield* taken(before, after, ['startedAt', 'finishedAt'])
}

export function* ofTaskDefinition(before: TaskDefinition, after: TaskDefinition): Generator<string> {
  if (falls(DEFINITION_LADDER, before.status, after.status))
    yield `status went from ${before.status} to ${after.status}`
}
