// Lets calls that can wait make way for those that somebody waits for. When thousands of tasks start at once their agents report
// by the thousand: answered as they come, they would hold up everybody else for as long as all of them take, 200 µs each. So
// some of them have their turn between two looks at the sockets, and the others wait in the order in which they came.
// Before: the gateway has read the body, which counts towards its limit as long as it waits. After: authenticate.ts.
import type { Clock } from '../lib/clock.ts'
import type { HttpRequest } from './http-request.ts'
import type { AwsService } from './operation.ts'

/** Calls of a turn: three milliseconds, so that a caller waits about as long for them as for anybody else. */
const PER_TURN = 16

/** By what the request says of itself, before anyone has vouched for it: all there is to gain by a lie is to go first. */
export type Patience = (request: HttpRequest) => Promise<void> | undefined

export const patience = (options: {
  readonly services: readonly AwsService[]
  readonly clock: Pick<Clock, 'turn'>
  /** Awaited before each turn, while it gives something: they wait for a disk that is behind, since everybody waits for what they write. */
  readonly caughtUp?: () => Promise<void> | undefined
}): Patience => {
  const patient = new Set(
    options.services.flatMap(({ target, patient = [] }) => patient.map(name => `${target}.${name}`)),
  )
  let waiting: (() => void)[] = []
  const takeTurns = async (): Promise<void> => {
    while (waiting.length > 0) {
      await options.clock.turn()
      await options.caughtUp?.()
      const [now, later] = [waiting.slice(0, PER_TURN), waiting.slice(PER_TURN)]
      waiting = later
      for (const go of now) go()
    }
  }
  let turns = Promise.resolve()
  return ({ headers }) => {
    if (!patient.has(headers.get('x-amz-target') ?? '')) return undefined
    const first = waiting.length === 0
    const turn = new Promise<void>(resolve => waiting.push(resolve))
    if (first) turns = turns.then(takeTurns)
    return turn
  }
}
