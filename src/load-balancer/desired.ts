// What the data plane is to do, put together from rows: the input of render/, of the server lists, and of the reconciler's
// comparison. Before: reconcilers/load-balancer/. After: render/render.ts.
import type { Certificate } from '../domain/load-balancing/certificate.ts'
import type { Listener, LoadBalancer, Rule } from '../domain/load-balancing/load-balancer.ts'
import type { Target, TargetGroup } from '../domain/load-balancing/target-group.ts'

export type PlacedListener = {
  readonly listener: Listener
  readonly loadBalancer: LoadBalancer
  /** The address it listens on. */
  readonly address: string
  /** In the order in which they are looked at; the default rule last. */
  readonly rules: readonly Rule[]
  /** The default one first. Empty without TLS. */
  readonly certificates: readonly Certificate[]
}

/** A target group that a rule forwards to, and the load balancer of that rule. */
export type UsedGroup = { readonly group: TargetGroup; readonly loadBalancer: LoadBalancer }

export type Desired = {
  /** Ordered by load balancer, oldest first: the oldest is asked first where several share a port. */
  readonly listeners: readonly PlacedListener[]
  readonly groups: readonly UsedGroup[]
}

/**
 * One target in HAProxy. `initial`: not yet seen healthy; checked in a section of its own, which gets no requests.
 * `known`: it has passed a check once, or failed long enough to be unhealthy.
 */
export type Server = {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly phase: Phase
  /** No cookie leads to it any more. */
  readonly drains?: boolean
}

export type Phase = 'initial' | 'known'

export const serverNameOf = ({ id, port }: Pick<Target, 'id' | 'port'>): string => `${id}:${port}`

export const serverOf = (target: Target, phase: Phase): Server => ({
  name: serverNameOf(target),
  address: target.address,
  port: target.port,
  phase,
})
