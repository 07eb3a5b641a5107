// Waits for a fact instead of sleeping: asks again every 20 ms until there is an answer. Its limit is for what never comes: a
// machine may be slow, and it ends as soon as the fact is there.

/** The first answer that is not undefined; rejects with `what` after `limitMs`. */
export const waitFor = async <T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  limitMs = 60_000,
): Promise<T> => {
  const end = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const TRIES = 5

/**
 * Milliseconds that something took, for a promise of `withinMs`; measured again while it took longer: a machine may stall now and
 * then, while a defect is there each time.
 */
export const leastMs = async (withinMs: number, measure: () => Promise<number>): Promise<number> => {
  let least = Number.POSITIVE_INFINITY
  for (let tried = 0; tried < TRIES && least > withinMs; tried++) least = Math.min(least, await measure())
  return least
}
