// What happened in a simulated world, line by line: hashed always, so that two runs can be compared, and told when asked for.
import { createHash } from 'node:crypto'
import type { Log, LogFields } from '../../src/lib/log.ts'
import type { WorldClock } from './world-clock.ts'

export type Trace = {
  readonly add: (who: string, what: string) => void
  /** Told, not hashed: the words of a log are no part of the behaviour. */
  readonly log: (who: string) => Log
  readonly digest: () => string
}

export const traceOf = (clock: WorldClock, tell?: (line: string) => void): Trace => {
  const hash = createHash('sha256')
  const line = (who: string, what: string): string =>
    `${(clock.now() / 1000).toFixed(3).padStart(9)} ${who.padEnd(10)} ${what}`
  const log = (who: string): Log => {
    const say =
      tell &&
      ((level: string) => (fields: LogFields, message: string) =>
        tell(line(who, `(${level}) ${message} ${JSON.stringify(fields)}`)))
    const quiet = () => {}
    return {
      debug: say ? say('debug') : quiet,
      info: say ? say('info') : quiet,
      warn: say ? say('warn') : quiet,
      error: say ? say('error') : quiet,
      child: () => log(who),
    }
  }
  return {
    add: (who, what) => {
      const said = line(who, what)
      hash.update(said)
      tell?.(said)
    },
    log,
    digest: () => hash.copy().digest('hex').slice(0, 16),
  }
}
