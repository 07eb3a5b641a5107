// Where a task can go: filters say yes or no and why, then the strategies pick. Pure. RunTask and the service scheduler's
// placement loop call it. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import type { Reservation } from '../domain/task-definition.ts'
import { passes, refusalOf } from './filters.ts'
import type { InstanceFacts } from './query/instance-facts.ts'
import { pick } from './strategies.ts'

/**
 * An instance as placement sees it: what is left, not what there is. `candidates.ts` makes them with figures that are
 * worked out when they are first asked for.
 */
export type Candidate = InstanceFacts & {
  readonly arn: string
  readonly availabilityZone: string
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  /** CPU units and MiB left. */
  readonly remainingCpu: number
  readonly remainingMemory: number
  readonly remainingGpus: number
  /** Whether a fixed host port is taken, by a task or by the host itself. */
  readonly portTaken: (protocol: 'tcp' | 'udp', port: number) => boolean
  /** Tasks of the asked-for task's group on this instance and in its zone: what spread evens out. */
  readonly groupTasksHere: number
  readonly groupTasksInZone: number
  /** Of those, the ones of its own deployment, where others have some too: these are evened out first. */
  readonly revisionTasksHere?: number
  readonly revisionTasksInZone?: number
  /** All tasks here. */
  readonly tasksHere: number
  /** A critical daemon that does not run here: no other task comes before it. */
  readonly awaitedDaemon?: string | undefined
}

export type PlacementRequest = {
  readonly reservation: Reservation
  readonly requiresAttributes: readonly string[]
  /** The value that `ecs.cpu-architecture` must have. */
  readonly cpuArchitecture?: string
  readonly constraints: readonly PlacementConstraint[]
  readonly strategy: readonly PlacementStrategy[]
  /** A daemon's own task, which waits for no other daemon. */
  readonly first?: boolean
  /** In [0, 1): the draw of strategy `random`. Without it the draw is made from the candidates' own figures. */
  readonly fraction?: number
}

/** Why an instance will not do: `reason` as RunTask's failures word it (RESOURCE:CPU, AGENT, ...), `detail` in figures for a user. */
export type Refusal = {
  readonly arn: string
  readonly reason: string
  readonly detail: string
  /** How many filters it passed before this one: the instance with the most is the closest match. */
  readonly passed: number
}

export type Placement = { readonly arn: string } | { readonly refusals: readonly Refusal[] }

export type Place = (request: PlacementRequest, candidates: readonly Candidate[]) => Placement

/** The instance for one task, or every candidate's refusal; no refusals at all means that there were no candidates. */
export const place: Place = (request, candidates) => {
  const fit = candidates.filter(candidate => passes(request, candidate))
  const best = pick(request, fit, candidates)
  if (best !== undefined) return { arn: best.arn }
  return { refusals: refusalsOf(request, candidates) }
}

export const refusalsOf = (request: PlacementRequest, candidates: readonly Candidate[]): readonly Refusal[] =>
  candidates.flatMap(candidate => refusalOf(request, candidate) ?? [])
