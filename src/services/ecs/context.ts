// What every ECS operation is made from. An operation's file exports `<operationName>: EcsOperation<Request, Response>`,
// and `operations.ts` lists them.
import type { Operation } from '../../aws/operation.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Store } from '../../store/store.ts'

export type EcsDependencies = {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  /** Base URLs of the agent link that DiscoverPollEndpoint answers; undefined: the caller's own endpoint + `/acs`, `/tcs`. */
  readonly agentEndpoint?: string
}

export type EcsOperation<Input, Output> = (dependencies: EcsDependencies) => Operation<Input, Output>
