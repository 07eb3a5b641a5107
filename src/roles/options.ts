// What the roles are started with. main.ts reads it from the command line and the environment.
import type { Clock } from '../lib/clock.ts'
import type { Ids } from '../lib/ids.ts'
import type { Log } from '../lib/log.ts'
import type { PullPolicy } from '../runtime/driver.ts'

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string }

export type Parts = { readonly clock: Clock; readonly ids: Ids; readonly log: Log }

export type ServerOptions = {
  readonly data: string
  readonly port: number
  readonly bind: string
  readonly accountId: string
  /** A container instance that has been silent for this long is lost: its service tasks are replaced elsewhere. */
  readonly disconnectedAfterMs: number
  /** A deployment's task without a health check counts as healthy when it has run for this long. */
  readonly healthyAfterMs: number
  /** Stopped tasks can be described for this long. */
  readonly stoppedTaskMs: number
  /** What load balancers listen on: each takes one address. */
  readonly loadBalancerAddresses: readonly string[]
  /** Refuse calls beyond AWS's own rates. */
  readonly throttle: boolean
  /** Given by the environment; otherwise made at the first start and kept in the data directory. */
  readonly rootCredentials?: Credentials
}

export type AgentOptions = {
  readonly region: string
  readonly availabilityZone?: string
  /** Where load balancers reach this host's ports; absent: the address from which it reaches the server. */
  readonly address?: string
  readonly imagePullBehavior: PullPolicy
  readonly attributes: readonly { readonly name: string; readonly value?: string }[]
  /** MiB kept from tasks. */
  readonly reservedMemory: number
  /** Seconds. */
  readonly taskCleanupWait: number
  /** Docker's socket; its usual place when absent. */
  readonly socketPath?: string
}

/** Where an agent's server is and what it signs with. */
export type AgentTarget = {
  readonly endpoint: string
  readonly cluster: string
  readonly credentials: Credentials
}

/** Marks a simulated instance: its tasks live in the process, so a new process deregisters those of the last one. */
export const SIMULATED_ATTRIBUTE = 'stowage.simulated'
