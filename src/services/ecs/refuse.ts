// The errors by which the workload operations refuse a request before they change anything.
import { AwsError } from '../../aws/error.ts'

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)

/** For what ECS has and Stowage has not built: said, never ignored. UnsupportedFeatureException is modelled for all who use it. */
export const notBuilt = (what: string): AwsError =>
  new AwsError('UnsupportedFeatureException', `${what} is not supported by Stowage yet.`)

/** Refuses every member of `given` that asks for something: a list with elements, an object, true, a number, a text. */
export const refuseNotBuilt = (given: Readonly<Record<string, unknown>>): void => {
  for (const [member, value] of Object.entries(given)) {
    const asked = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false && value !== ''
    if (asked) throw notBuilt(member)
  }
}
