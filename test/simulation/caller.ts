// How an operator of a simulated world calls the server: through the network, with patience, and knowing the difference between a
// "no" and no answer. A call without an answer may have been served or not.
import { AwsError } from '../../src/aws/error.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { EcsOperation } from '../../src/services/ecs/context.ts'
import type { Network } from './network.ts'
import type { SimulatedServer } from './server.ts'
import type { Trace } from './trace.ts'

export type Answer<T> = { readonly output: T } | { readonly refused: AwsError } | { readonly unknown: true }

export type Ask = <Input, Output>(
  said: string,
  operation: EcsOperation<Input, Output>,
  input: Input,
  /** Served twice, it makes no difference: so it may happen. */
  repeatable?: boolean,
) => Promise<Answer<Output>>

export type Caller = {
  readonly ask: Ask
  /** Asked again until there is an answer; rejects with a "no". */
  readonly untilDone: <Input, Output>(
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input,
  ) => Promise<Output>
  /** As `ask`, again and again under the same token until there is an answer. */
  readonly untilAnswered: <Input, Output>(
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input & { readonly clientToken: string },
    repeatable?: boolean,
  ) => Promise<Exclude<Answer<Output>, { readonly unknown: true }>>
}

/** Without an answer by then it was served or never will be: the network delays nothing of an operator's for so long. */
const PATIENCE_MS = 60_000
const AGAIN_MS = 1_000

export const callerOf = (parts: {
  readonly clock: Clock
  readonly trace: Trace
  readonly network: Network
  readonly server: SimulatedServer
}): Caller => {
  const { clock, trace, network, server } = parts
  const party = { name: 'operator', cutOffUntil: 0 }

  const ask: Ask = async (said, operation, input, repeatable = false) => {
    const patience = new AbortController()
    const timer = clock.after(PATIENCE_MS, () => patience.abort(new Error('no answer')))
    try {
      const serve = () => server.call(operation, input)
      const output = await network.call(party, serve, { signal: patience.signal, mayDouble: repeatable })
      trace.add('operator', `${said}: done`)
      return { output }
    } catch (error) {
      trace.add('operator', `${said}: ${String(error)}`)
      const refused = error instanceof AwsError && error.code !== 'ServiceUnavailableException'
      return refused ? { refused: error } : { unknown: true }
    } finally {
      timer.cancel()
    }
  }

  const answered = async <Input, Output>(
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input,
    repeatable: boolean,
  ) => {
    for (;;) {
      const answer = await ask(said, operation, input, repeatable)
      if (!('unknown' in answer)) return answer
      await clock.sleep(AGAIN_MS)
    }
  }

  return {
    ask,
    untilDone: async (said, operation, input) => {
      const answer = await answered(said, operation, input, false)
      if ('refused' in answer) throw answer.refused
      return answer.output
    },
    untilAnswered: (said, operation, input, repeatable = true) => answered(said, operation, input, repeatable),
  }
}
