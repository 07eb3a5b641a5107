// Decides, for one target group, from its targets as rows and as the data plane sees them: what to change there, which rows of
// health say something new, which targets are drained. Pure.
// Before: reconciler.ts reads the snapshot. After: reconciler.ts has the data plane changed, then commits.
//
// The way of a target: registered -> watched (`initial`: checked every half second, no requests) -> admitted by its first passed check,
// or distrusted once it failed for as long as the group's threshold says -> from then on up and down by HAProxy's thresholds ->
// deregistered -> drains -> removed when its last request is done, or cut at the end of the group's delay.
import type { CheckResult, ObservedTarget } from '../../domain/load-balancing/observed-target.ts'
import {
  deregistrationDelayMs,
  type Target,
  type TargetGroup,
  type TargetHealth,
  targetKey,
} from '../../domain/load-balancing/target-group.ts'

export type Snapshot = {
  readonly group: TargetGroup
  /** A rule forwards to it. */
  readonly used: boolean
  readonly targets: readonly Target[]
  readonly health: readonly TargetHealth[]
  readonly observed: readonly ObservedTarget[]
}

export type Step =
  | { readonly do: 'watch'; readonly target: Target }
  | { readonly do: 'admit' | 'distrust'; readonly target: Target }
  | { readonly do: 'ready' | 'drain' | 'cut'; readonly name: string }
  | { readonly do: 'remove'; readonly name: string; readonly phase: ObservedTarget['phase'] }

export type Plan = {
  readonly steps: readonly Step[]
  readonly health: readonly TargetHealth[]
  /** Targets that are gone from the data plane: their rows and those of their health go, if they are deregistered still. */
  readonly drained: readonly Target[]
  /** Keys of rows of health that no target has. */
  readonly orphaned: readonly string[]
  readonly wakeAt?: number
}

export type PlanSettings = {
  /** How often a target that drains, or leaves otherwise, is asked for its requests. */
  readonly drainLookMs: number
}

type Draft = {
  readonly steps: Step[]
  readonly health: TargetHealth[]
  readonly drained: Target[]
  readonly orphaned: string[]
  wakeAt: number
}

export const planTargets = (snapshot: Snapshot, now: number, settings: PlanSettings): Plan => {
  const draft: Draft = { steps: [], health: [], drained: [], orphaned: [], wakeAt: Number.POSITIVE_INFINITY }
  const { targets, observed, used } = snapshot
  const known = new Map(snapshot.health.map(row => [targetKey(row), row]))
  const keys = new Set(targets.map(targetKey))
  draft.orphaned.push(...[...known.keys()].filter(key => !used || !keys.has(key)))
  if (!used) draft.drained.push(...targets.filter(({ deregisteredAt }) => deregisteredAt !== undefined))
  const names = new Map(targets.map(target => [`${target.id}:${target.port}`, target]))
  const twice = new Set(observed.filter(({ phase }) => phase === 'known').map(({ name }) => name))
  const seen = new Map<string, ObservedTarget>()
  for (const one of observed) {
    const target = names.get(one.name)
    // Admitted, and killed before the entry that watched it was removed.
    if (one.phase === 'initial' && twice.has(one.name))
      draft.steps.push({ do: 'remove', name: one.name, phase: 'initial' })
    else if (target === undefined || `${target.address}:${target.port}` !== one.address)
      dismiss(one, draft, now, settings)
    else seen.set(one.name, one)
    if (target !== undefined && `${target.address}:${target.port}` !== one.address) names.delete(one.name)
  }
  if (used)
    for (const [name, target] of names) {
      const one = seen.get(name)
      if (target.deregisteredAt !== undefined) drain(snapshot.group, target, one, draft, now, settings)
      else if (one === undefined) draft.steps.push({ do: 'watch', target })
      else if (isPredecessors(one, known.get(targetKey(target))))
        draft.steps.push({ do: 'remove', name, phase: one.phase })
      else if (one.phase === 'initial') watched(snapshot.group, target, one, known.get(targetKey(target)), draft, now)
      else admitted(target, one, known.get(targetKey(target)), draft, now)
    }
  const { wakeAt, ...rest } = draft
  return wakeAt === Number.POSITIVE_INFINITY ? rest : { ...rest, wakeAt }
}

/**
 * Deregistered and registered again before this loop looked: what was seen of the one before says nothing of it, and its health is
 * gone. One that has requests stays, as one that is registered again while it drains.
 */
const isPredecessors = (one: ObservedTarget, health: TargetHealth | undefined): boolean =>
  health === undefined && one.phase === 'known' && one.admin === 'ready' && one.sessions === 0

/** Nobody's target: a row that went, or an address that changed. It leaves as soon as it has no requests. */
const dismiss = (one: ObservedTarget, draft: Draft, now: number, { drainLookMs }: PlanSettings): void => {
  draft.wakeAt = Math.min(draft.wakeAt, now + drainLookMs)
  if (one.phase === 'known' && one.admin === 'ready') draft.steps.push({ do: 'drain', name: one.name })
  else if (one.phase === 'initial' || one.sessions === 0)
    draft.steps.push({ do: 'remove', name: one.name, phase: one.phase })
}

const drain = (
  group: TargetGroup,
  target: Target,
  one: ObservedTarget | undefined,
  draft: Draft,
  now: number,
  { drainLookMs }: PlanSettings,
): void => {
  if (one === undefined) {
    draft.drained.push(target)
    return
  }
  draft.wakeAt = Math.min(draft.wakeAt, now + drainLookMs)
  const { name, phase } = one
  if (phase === 'known' && one.admin === 'ready') draft.steps.push({ do: 'drain', name })
  else if (phase === 'initial' || one.sessions === 0) draft.steps.push({ do: 'remove', name, phase })
  else if (now >= (target.deregisteredAt ?? 0) + deregistrationDelayMs(group)) {
    // A network load balancer leaves connections that outlast the delay alone, unless it is told otherwise.
    if (cutsConnections(group)) draft.steps.push({ do: 'cut', name }, { do: 'remove', name, phase })
    else draft.drained.push(target)
  }
}

const cutsConnections = ({ protocol, attributes }: TargetGroup): boolean =>
  protocol === 'HTTP' ||
  protocol === 'HTTPS' ||
  attributes['deregistration_delay.connection_termination.enabled'] === 'true'

type Finding = Pick<TargetHealth, 'state' | 'reason' | 'description'>

const note = (target: Target, finding: Finding, before: TargetHealth | undefined, draft: Draft, now: number): void => {
  const same =
    before?.state === finding.state && before.reason === finding.reason && before.description === finding.description
  if (same) return
  const since = before?.state === finding.state ? before.since : now
  const { targetGroupArn, id, port } = target
  draft.health.push({ targetGroupArn, id, port, ...finding, since })
}

const CHECKING: Finding = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
}

// One success makes it healthy. Checked more often than the group says, it is unhealthy no sooner than AWS would find it so.
const watched = (
  { healthCheck }: TargetGroup,
  target: Target,
  { check }: ObservedTarget,
  before: TargetHealth | undefined,
  draft: Draft,
  now: number,
): void => {
  if (check.result === 'passed') {
    draft.steps.push({ do: 'admit', target })
    note(target, { state: 'healthy' }, before, draft, now)
  } else if (before?.state === 'unhealthy' || before?.state === 'healthy') {
    // The data plane was started anew since.
    if (check.result === 'failed') draft.steps.push({ do: 'distrust', target })
  } else {
    const unhealthyAt =
      (before?.since ?? now) + (healthCheck.unhealthyThreshold - 1) * healthCheck.intervalSeconds * 1_000
    const late = check.result === 'failed' && before !== undefined && now >= unhealthyAt
    if (late) draft.steps.push({ do: 'distrust', target })
    else draft.wakeAt = Math.min(draft.wakeAt, Math.max(unhealthyAt, now + 1))
    note(target, late ? unhealthy(check) : CHECKING, before, draft, now)
  }
}

const unhealthy = ({ reason, description }: Extract<CheckResult, { result: 'failed' }>): Finding => ({
  state: 'unhealthy',
  reason,
  description,
})

const UNKNOWN = { result: 'failed', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' } as const

const admitted = (
  target: Target,
  { admin, name, up, check }: ObservedTarget,
  before: TargetHealth | undefined,
  draft: Draft,
  now: number,
): void => {
  // Registered again while it drained, or added and not enabled when we were killed.
  if (admin !== 'ready') draft.steps.push({ do: 'ready', name })
  if (up) note(target, { state: 'healthy' }, before, draft, now)
  else if (check.result === 'failed') note(target, unhealthy(check), before, draft, now)
  // It passes again, not often enough yet: what failed last is still why.
  else if (before?.state !== 'unhealthy') note(target, unhealthy(UNKNOWN), before, draft, now)
}
