// The attributes of load balancers, target groups and listeners as the render wants them: numbers and truths.
// Before: render/. After: domain/load-balancing/attributes.ts, which knows the defaults.
import {
  attributeOfListener,
  attributeOfLoadBalancer,
  attributeOfTargetGroup,
} from '../domain/load-balancing/attributes.ts'
import type { Listener, LoadBalancer } from '../domain/load-balancing/load-balancer.ts'
import type { TargetGroup } from '../domain/load-balancing/target-group.ts'

type Attributed = LoadBalancer | TargetGroup | Listener

export const textOf = (row: Attributed, key: string): string =>
  'targetType' in row
    ? attributeOfTargetGroup(row, key)
    : 'dnsName' in row
      ? attributeOfLoadBalancer(row, key)
      : attributeOfListener(row, key)

export const isOn = (row: Attributed, key: string): boolean => textOf(row, key) === 'true'

export const numberOf = (row: Attributed, key: string): number => Number(textOf(row, key))

/** Seconds. */
export const idleTimeoutOf = (loadBalancer: LoadBalancer): number =>
  numberOf(loadBalancer, 'idle_timeout.timeout_seconds')

/** Seconds. A TLS listener has no such attribute: its timeout cannot be changed. */
export const tcpIdleTimeoutOf = (listener: Listener): number =>
  listener.protocol === 'TLS' ? 350 : numberOf(listener, 'tcp.idle_timeout.seconds')
