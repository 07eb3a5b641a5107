// Many simulated worlds, shared out among processes, some worlds at a time. A process ends after its share: what a killed process
// of a world waited for is never given back. Each is a run.ts, which prints what it finds.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Of many worlds together. */
export type Tally = {
  readonly worlds: number
  readonly failures: number
  readonly events: number
  /** Of its own time, to settle. */
  readonly slowestMs: number
}

export const NO_WORLDS: Tally = { worlds: 0, failures: 0, events: 0, slowestMs: 0 }

export const sumOf = (one: Tally, other: Tally): Tally => ({
  worlds: one.worlds + other.worlds,
  failures: one.failures + other.failures,
  events: one.events + other.events,
  slowestMs: Math.max(one.slowestMs, other.slowestMs),
})

export type Shares = {
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  /** Worlds a process. 50 take some 15 s and some hundred megabytes. */
  readonly size: number
  /** They take what others leave of the processors. */
  readonly nice: boolean
  /** After each share. */
  readonly told?: (sofar: Tally) => void
}

export const inShares = async ({ from, seeds, jobs, size, nice, told }: Shares): Promise<Tally> => {
  const last = from + seeds
  let next = from
  let tally = NO_WORLDS
  const work = async (): Promise<void> => {
    while (next < last) {
      const first = next
      next = Math.min(last, next + size)
      const own = await share(first, next - first, nice)
      tally = sumOf(tally, own)
      told?.(tally)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return tally
}

const RUN = fileURLToPath(new URL('run.ts', import.meta.url))

const share = (from: number, seeds: number, nice: boolean): Promise<Tally> => {
  const flags = ['--share', '--from', `${from}`, '--seeds', `${seeds}`, ...(nice ? ['--nice'] : [])]
  const child = fork(RUN, flags)
  let said: Tally | undefined
  child.once('message', message => {
    said = message as Tally
  })
  return new Promise(resolve =>
    child.once('exit', code => {
      // A bug that is thrown past everybody ends it, and it has said in which world.
      if (!said) process.stdout.write(`the process for --from ${from} --seeds ${seeds} ended with ${code}\n`)
      resolve(said ?? { ...NO_WORLDS, failures: 1 })
    }),
  )
}
