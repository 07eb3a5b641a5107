// Waits for a fact instead of sleeping: asks again every 20 ms until there is an answer.

/** The first answer that is not undefined; rejects with `what` after `limitMs`. */
export const waitFor = async <T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  limitMs = 20_000,
): Promise<T> => {
  const end = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
