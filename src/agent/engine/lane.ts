// Lets so many pieces of work go on at once and keeps the rest waiting: `first` before `later`, each in the order it came. Work that
// waits is dropped when its signal is aborted. Before: engine.ts, for what the container engine does badly in parallel.
export type Lane = {
  /** Runs `work` when there is room; resolves with its result, or undefined when it was dropped before it began. */
  readonly run: <T>(place: 'first' | 'later', signal: AbortSignal, work: () => Promise<T>) => Promise<T | undefined>
}

export const createLane = (limit: number): Lane => {
  // Sets keep the order of arrival and drop from the middle at no cost.
  const waiting = { first: new Set<() => void>(), later: new Set<() => void>() }
  let working = 0
  const next = (): void => {
    if (working >= limit) return
    for (const line of [waiting.first, waiting.later]) {
      for (const begin of line) {
        line.delete(begin)
        begin()
        return
      }
    }
  }
  const run = <T>(place: 'first' | 'later', signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return resolve(undefined)
      const drop = (): void => {
        waiting[place].delete(begin)
        resolve(undefined)
      }
      const begin = (): void => {
        working++
        signal.removeEventListener('abort', drop)
        work()
          .then(resolve, reject)
          .finally(() => {
            working--
            next()
          })
      }
      signal.addEventListener('abort', drop, { once: true })
      waiting[place].add(begin)
      next()
    })
  return { run }
}
