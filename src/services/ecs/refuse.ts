// The errors by which the workload operations refuse a request before they change anything.
import { AwsError } from '../../aws/error.ts'
import { type Fields, refusalText, unsupportedField } from './field-support.ts'

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)

/** For what ECS has and Stowage has not built: said, never ignored. UnsupportedFeatureException is modelled for all who use it. */
export const notBuilt = (what: string): AwsError =>
  new AwsError('UnsupportedFeatureException', `${what} is not supported by Stowage yet.`)

/** Refuses what the table says is not built: UnsupportedFeatureException that names the field, and its value where values differ. */
export const refuseUnbuilt = (fields: Fields, given: object): void => {
  const found = unsupportedField(fields, given)
  if (found) throw new AwsError('UnsupportedFeatureException', refusalText(found))
}
