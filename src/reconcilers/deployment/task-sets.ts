// What a service with the deployment controller EXTERNAL starts and stops, and how far its task sets have come: each holds its own
// share of the desired count, as a REPLICA service of that size would; none replaces another. Pure; a part of plan.ts, beside
// replica.ts and daemon.ts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html
import { type Deployment, rolloutReason, type Service } from '../../domain/service.ts'
import { computedDesiredCount, isTaskSet } from '../../domain/task-set.ts'
import { REPEAT_EVENT_AFTER_MS, withNotice, withoutNotice } from '../notices.ts'
import { failingEvent, taskSetSteadyEvent } from './events.ts'
import { type Fleet, isUp, wantedOf } from './fleet.ts'
import { isFailing, type Outcome, type Pass } from './outcome.ts'
import type { Moves } from './plan.ts'
import { type Board, replicaMoves } from './replica.ts'
import { boundsOf, sum } from './targets.ts'

/** One without the fields of a task set is left over from another controller: it is to have nothing. */
const targetFor = (service: Service, { deployment }: Fleet): number =>
  isTaskSet(deployment) ? computedDesiredCount(service, deployment) : 0

export const taskSetMoves = (board: Board): Moves => eachByItself(board, fleet => targetFor(board.service, fleet))

/** Each fleet held at its own size, as a REPLICA service of that size would be. */
export const eachByItself = (board: Board, targetOf: (fleet: Fleet) => number): Moves => {
  // What one commit starts is for all of them together.
  let { startsPerPass } = board.settings
  const moves = board.fleets.map(fleet => {
    const service = { ...board.service, desiredCount: targetOf(fleet) }
    const settings = { ...board.settings, startsPerPass }
    const own = replicaMoves({ ...board, service, fleets: [fleet], bounds: boundsOf(service), settings })
    startsPerPass -= sum(own.starts.chosen, ({ count }) => count)
    return own
  })
  return {
    targetOf,
    starts: {
      chosen: moves.flatMap(({ starts }) => starts.chosen),
      short: moves.some(({ starts }) => starts.short),
      cut: moves.some(({ starts }) => starts.cut),
    },
    stops: moves.flatMap(({ stops }) => stops),
    crowded: moves.flatMap(({ crowded = [] }) => crowded),
  }
}

export const planTaskSetsOutcome = (pass: Pass): Outcome => {
  const events: string[] = []
  const deployments = [pass.primary, ...pass.older].map(fleet => {
    const { deployment, told } = advanced(fleet, pass)
    events.push(...told)
    return deployment
  })
  return { deployments, events }
}

const advanced = (fleet: Fleet, pass: Pass): { readonly deployment: Deployment; readonly told: readonly string[] } => {
  const { service, now } = pass
  const target = pass.targetOf(fleet)
  const counted =
    fleet.deployment.desiredCount === target ? fleet.deployment : { ...fleet.deployment, desiredCount: target }
  const steady = isSteady(fleet, target, pass)
  if (steady && target === 0 && counted.taskSet?.draining !== false)
    return { deployment: { ...counted, status: 'INACTIVE' }, told: [] }
  if (isFailing(counted, pass)) {
    const told = withNotice(counted, 'failing', 'starts', now)
    return told ? { deployment: told, told: [failingEvent(service)] } : { deployment: unsteady(counted), told: [] }
  }
  const calm = counted.lastFailureAt || counted.lastCrashAt ? counted : withoutNotice(counted, 'failing')
  if (!steady) return { deployment: unsteady(calm), told: [] }
  const whole = completed(calm)
  if (whole.steadySince !== undefined && now - whole.steadySince < REPEAT_EVENT_AFTER_MS)
    return { deployment: whole, told: [] }
  return { deployment: { ...whole, steadySince: now }, told: [taskSetSteadyEvent(service, whole.id)] }
}

const isSteady = (fleet: Fleet, target: number, { stops }: Pass): boolean =>
  fleet.healthy.length === target &&
  wantedOf(fleet) === target &&
  !fleet.stopping.some(isUp) &&
  !stops.some(({ task }) => task.deploymentId === fleet.deployment.id)

// Once it has been whole its tasks count as healthy as soon as they run, as those of any deployment.
const completed = (deployment: Deployment): Deployment =>
  deployment.rolloutState === 'COMPLETED'
    ? deployment
    : { ...deployment, rolloutState: 'COMPLETED', rolloutStateReason: rolloutReason(deployment.id, 'COMPLETED') }

const unsteady = (deployment: Deployment): Deployment => {
  if (deployment.steadySince === undefined) return deployment
  const { steadySince: _, ...rest } = deployment
  return rest
}
