// What every operation of Elastic Load Balancing v2 is made from, and the errors by which it refuses a request.
// An operation's file exports `<operationName>: Elbv2Operation<Input, Output>`, and `operations.ts` lists them.
import { AwsError } from '../../aws/error.ts'
import type { Operation } from '../../aws/operation.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Store } from '../../store/store.ts'

export type Elbv2Dependencies = { readonly store: Store; readonly clock: Clock; readonly ids: Ids }

export type Elbv2Operation<Input, Output> = (dependencies: Elbv2Dependencies) => Operation<Input, Output>

/** `code` without its shape's `Exception`: on the wire it has none either. */
export const refusal = (code: string, message: string): AwsError => new AwsError(`${code}Exception`, message)

/** Not modelled as a shape, but what this service answers to every malformed or contradictory request. */
export const invalid = (message: string): AwsError => new AwsError('ValidationError', message)

export const invalidConfiguration = (message: string): AwsError => refusal('InvalidConfigurationRequest', message)

/** For what AWS has and Stowage has not built: said, never ignored. */
export const notBuilt = (what: string): AwsError => invalidConfiguration(`Stowage does not support ${what} yet.`)

/** A whole number within its range, or undefined; ValidationError in the words of AWS's validation. */
export const checkRange = (name: string, value: number | undefined, least: number, most: number): void => {
  if (value === undefined) return
  const wrong =
    value < least ? `greater than or equal to ${least}` : value > most ? `less than or equal to ${most}` : ''
  if (wrong)
    throw invalid(
      `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value ${wrong}`,
    )
}
