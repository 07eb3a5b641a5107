// Moves a deployment with the strategy BLUE_GREEN, LINEAR or CANARY through its stages: how many tasks each revision is to have,
// what share of the traffic, whom it waits for. The new revision (green) is scaled up beside the old one (blue), tested, given the
// traffic at once or step by step, and only when it has stood its bake time the old one goes. Rolled back, the old one gets all
// the traffic first, and then the new one goes. Nothing is stopped on the word of a rule: only once the data plane has its weights.
// Pure; a part of plan.ts, beside replica.ts. Who rolls it back is end-deployment.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
import type { Rule } from '../../domain/load-balancing/load-balancer.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import type { ServiceDeployment } from '../../domain/service-deployment.ts'
import {
  expire,
  hooksOf,
  isAtLeast,
  LIFECYCLE_STAGES,
  type LifecycleStage,
  nextShare,
  type PauseHook,
  shiftsTraffic,
  stepBakeMs,
  type TrafficShift,
} from '../../domain/traffic-shift.ts'
import { currentOf } from './end-deployment.ts'
import { type Fleet, isUp, wantedOf } from './fleet.ts'
import { type Forwardings, forwardingProblem, isApplied, reweighed, type Traffic } from './forwarding.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html: each stage may take a day. */
const STAGE_LIMIT_MS = 24 * 3_600_000
const MINUTE_MS = 60_000

export type ShiftInput = {
  readonly service: Service
  /** PRIMARY first. */
  readonly fleets: readonly [Fleet, ...Fleet[]]
  readonly open: readonly ServiceDeployment[]
  /** The revision that was last rolled out to the end. */
  readonly lastCompletedId: string | undefined
  readonly forwardings: Forwardings
  readonly now: number
}

export type Shifted = {
  readonly open: readonly ServiceDeployment[]
  /** Rules with other weights than they have. */
  readonly rules: readonly Rule[]
  /** How many tasks each revision is to have. */
  readonly targetOf: (fleet: Fleet) => number
  /** Nothing is left but to wait until the old revision is gone. */
  readonly mayComplete: boolean
  readonly wakeAt?: number | undefined
}

/** Undefined when nothing is shifted at the moment: the service is then held like any other. */
export const planShift = (input: ShiftInput): Shifted | undefined => {
  const [primary] = input.fleets
  const current = currentOf(input.open, primary.deployment)
  if (current === undefined || !shiftsTraffic(current.deploymentConfiguration)) return undefined
  if (current.status === 'ROLLBACK_IN_PROGRESS') return rollBack(input, current)
  // Given up, not rolled back: everything stays as it is.
  if (primary.deployment.rolloutState === 'FAILED') return hold(input)
  return advance(input, current)
}

type Share = { readonly traffic: Traffic; readonly of: Deployment; readonly percent: number }

const unappliedRules = ({ service, forwardings }: ShiftInput, shares: readonly Share[]): readonly Rule[] =>
  shares.flatMap(({ traffic, of, percent }) => reweighed(service, of, traffic, percent, forwardings))

const areApplied = ({ service, forwardings }: ShiftInput, shares: readonly Share[]): boolean =>
  shares.every(({ traffic, of, percent }) => isApplied(service, of, traffic, percent, forwardings))

const held = (fleet: Fleet): number => Math.min(fleet.deployment.desiredCount ?? wantedOf(fleet), wantedOf(fleet))

const hold = ({ service, open, fleets: [primary] }: ShiftInput): Shifted => ({
  open,
  rules: [],
  targetOf: fleet => (fleet === primary ? held(fleet) : Math.min(service.desiredCount, wantedOf(fleet))),
  mayComplete: false,
})

// The old revision is PRIMARY again.
const rollBack = (input: ShiftInput, current: ServiceDeployment): Shifted => {
  const { service, open, fleets } = input
  const [primary] = fleets
  const shares: Share[] = [
    { traffic: 'production', of: primary.deployment, percent: 100 },
    { traffic: 'test', of: primary.deployment, percent: 100 },
  ]
  const applied = areApplied(input, shares)
  const { shift } = current
  const back =
    shift && (shift.production > 0 || shift.test > 0)
      ? { ...current, shift: { ...shift, production: 0, test: 0 } }
      : current
  return {
    open: open.map(one => (one === current ? back : one)),
    rules: unappliedRules(input, shares),
    targetOf: fleet => (fleet === primary ? service.desiredCount : applied ? 0 : held(fleet)),
    mayComplete: applied,
  }
}

const advance = (input: ShiftInput, current: ServiceDeployment): Shifted => {
  const { service, fleets, open, now, lastCompletedId } = input
  const [primary, ...others] = fleets
  const blue = others.find(({ deployment }) => deployment.id === lastCompletedId)
  const stale = others.filter(fleet => fleet !== blue)
  const before = current.shift
  const facts: Facts = { input, current, primary, blue, stale }
  let shift = before ?? begin(facts)
  const hooks = expire(shift.hooks, now)
  if (hooks !== shift.hooks) shift = { ...shift, hooks }
  shift = withFailure(facts, shift)
  // Each stage is left at most once a pass, but for the steps of the production shift, which wait for the data plane.
  for (let left = 0; left <= LIFECYCLE_STAGES.length && shift.failure === undefined && isDone(facts, shift); left++)
    shift = withFailure(facts, next(facts, shift))
  const shares = sharesOf(facts, shift)
  const reconciled = shift.stage !== 'RECONCILE_SERVICE' || areApplied(input, shares)
  return {
    open: shift === before ? open : open.map(one => (one === current ? { ...one, shift } : one)),
    rules: shift.failure === undefined ? unappliedRules(input, shares) : [],
    targetOf: fleet => {
      if (fleet === primary) return isAtLeast(shift.stage, 'SCALE_UP') ? service.desiredCount : 0
      if (fleet === blue) return shift.stage === 'CLEAN_UP' ? 0 : service.desiredCount
      return reconciled ? 0 : held(fleet)
    },
    mayComplete: shift.stage === 'CLEAN_UP' && shift.failure === undefined,
    wakeAt: wakeAtOf(facts, shift),
  }
}

type Facts = {
  readonly input: ShiftInput
  readonly current: ServiceDeployment
  readonly primary: Fleet
  readonly blue: Fleet | undefined
  /** Of deployments that never came to their end. */
  readonly stale: readonly Fleet[]
}

const begin = (facts: Facts): TrafficShift => {
  const shift = { since: facts.input.now, production: 0, test: 0, hooks: [] }
  return enter(facts, shift, facts.stale.length > 0 ? 'RECONCILE_SERVICE' : 'PRE_SCALE_UP')
}

const enter = (
  { current, input: { now } }: Facts,
  shift: Omit<TrafficShift, 'stage'>,
  stage: LifecycleStage,
): TrafficShift => {
  const { deploymentConfiguration } = current
  const production =
    stage === 'PRODUCTION_TRAFFIC_SHIFT' ? nextShare(deploymentConfiguration, shift.production) : shift.production
  const test = stage === 'TEST_TRAFFIC_SHIFT' ? 100 : shift.test
  const hooks = hooksOf(current.arn, deploymentConfiguration, stage, production, now)
  return { stage, since: now, production, test, hooks }
}

const next = (facts: Facts, shift: TrafficShift): TrafficShift => {
  const again = shift.stage === 'PRODUCTION_TRAFFIC_SHIFT' && shift.production < 100
  const at = LIFECYCLE_STAGES.indexOf(shift.stage)
  const stage = again ? 'PRE_PRODUCTION_TRAFFIC_SHIFT' : (LIFECYCLE_STAGES[at + 1] ?? 'CLEAN_UP')
  return enter(facts, shift, stage)
}

const isAnswered = ({ status, timeoutAction }: PauseHook): boolean =>
  status === 'SUCCEEDED' || (status === 'TIMED_OUT' && timeoutAction === 'CONTINUE')

const isDone = (facts: Facts, shift: TrafficShift): boolean => {
  const { input, current, primary, stale } = facts
  const { service, now } = input
  if (!shift.hooks.every(isAnswered)) return false
  switch (shift.stage) {
    case 'RECONCILE_SERVICE':
      return (
        areApplied(input, sharesOf(facts, shift)) &&
        stale.every(fleet => wantedOf(fleet) === 0 && !fleet.stopping.some(isUp))
      )
    case 'SCALE_UP':
      return primary.healthy.length >= service.desiredCount
    case 'TEST_TRAFFIC_SHIFT':
      return areApplied(input, sharesOf(facts, shift))
    case 'PRODUCTION_TRAFFIC_SHIFT':
      return (
        areApplied(input, sharesOf(facts, shift)) &&
        now >= shift.since + stepBakeMs(current.deploymentConfiguration, shift.production)
      )
    case 'BAKE_TIME':
      return now >= shift.since + bakeMs(current)
    case 'CLEAN_UP':
      return false
    default:
      return true
  }
}

const bakeMs = ({ deploymentConfiguration }: ServiceDeployment): number =>
  (deploymentConfiguration.bakeTimeInMinutes ?? 0) * MINUTE_MS

/** What a stage wants of the rules; nothing where it leaves them alone. */
const sharesOf = ({ primary, blue }: Facts, { stage, production, test }: TrafficShift): readonly Share[] => {
  if (stage === 'RECONCILE_SERVICE') {
    if (blue === undefined) return []
    return [
      { traffic: 'production', of: blue.deployment, percent: 100 },
      { traffic: 'test', of: blue.deployment, percent: 100 },
    ]
  }
  const of = primary.deployment
  return [
    ...(isAtLeast(stage, 'TEST_TRAFFIC_SHIFT') ? [{ traffic: 'test' as const, of, percent: test }] : []),
    ...(isAtLeast(stage, 'PRODUCTION_TRAFFIC_SHIFT')
      ? [{ traffic: 'production' as const, of, percent: production }]
      : []),
  ]
}

const withFailure = (facts: Facts, shift: TrafficShift): TrafficShift => {
  if (shift.failure !== undefined) return shift
  const failure = failureOf(facts, shift)
  return failure === undefined ? shift : { ...shift, failure }
}

const failureOf = ({ input, primary }: Facts, { stage, hooks, since }: TrafficShift): string | undefined => {
  if (hooks.some(({ status }) => status === 'FAILED'))
    return `Service deployment rolled back because ${stage} lifecycle hook(s) failed.`
  if (hooks.some(({ status, timeoutAction }) => status === 'TIMED_OUT' && timeoutAction === 'ROLLBACK'))
    return `Service deployment rolled back because ${stage} pause hook timed out.`
  if (stage === 'PRE_SCALE_UP') return forwardingProblem(input.service, primary.deployment, input.forwardings)
  if (input.now >= since + STAGE_LIMIT_MS && hooks.length === 0 && stage !== 'BAKE_TIME')
    return `Service deployment rolled back because the stage ${stage} took longer than 24 hours.`
  return undefined
}

const wakeAtOf = ({ input, current }: Facts, shift: TrafficShift): number | undefined => {
  const times = shift.hooks.filter(({ status }) => status === 'AWAITING_ACTION').map(({ expiresAt }) => expiresAt)
  if (shift.stage === 'BAKE_TIME') times.push(shift.since + bakeMs(current))
  else if (shift.stage === 'PRODUCTION_TRAFFIC_SHIFT')
    times.push(shift.since + stepBakeMs(current.deploymentConfiguration, shift.production))
  else times.push(shift.since + STAGE_LIMIT_MS)
  const due = times.filter(time => time > input.now)
  return due.length === 0 ? undefined : Math.min(...due)
}
