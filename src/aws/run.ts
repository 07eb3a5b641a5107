// Runs an operation and holds its answer back until what it rests on is durable: a write's answer, a read's too, and a
// modelled error as well, because "there is no such cluster" is also something that was read.
// Before: authorise.ts. After: encoding.
import { AwsError } from './error.ts'
import type { FoundOperation } from './find-operation.ts'
import type { RequestContext } from './operation.ts'

export const run = async (
  { operation }: FoundOperation,
  context: RequestContext,
  input: unknown,
  durable: () => Promise<void>,
): Promise<unknown> => {
  const settled = await settle(() => operation(context, input))
  if ('error' in settled && !(settled.error instanceof AwsError)) throw settled.error
  await durable().catch(error => {
    throw unavailable(error)
  })
  if ('error' in settled) throw settled.error
  return settled.output
}

/** The store has stopped: nothing can be promised until it is opened again from its journal. */
export const unavailable = (error: unknown): AwsError => {
  const why = error instanceof Error ? error.message : String(error)
  return new AwsError('ServiceUnavailableException', `Stowage is not serving: ${why}`, { httpStatus: 503 })
}

type Settled = { readonly output: unknown } | { readonly error: unknown }

const settle = async (fn: () => unknown): Promise<Settled> => {
  try {
    return { output: await fn() }
  } catch (error) {
    return { error }
  }
}
