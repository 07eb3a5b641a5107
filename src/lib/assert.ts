// A broken assertion is a bug: the process crashes and recovers from the journal rather than carry on with a wrong state.

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** What is left of a union when every case is handled. */
export const unreachable = (value: never): never => {
  throw new AssertionError(`unhandled case: ${JSON.stringify(value)}`)
}
