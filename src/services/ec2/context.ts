// What every EC2 operation is made from, and the errors that they answer alike.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
import { AwsError } from '../../aws/error.ts'
import type { Operation, RequestContext } from '../../aws/operation.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { defaultVpc, ensureDefaultNetwork } from '../../store/default-network.ts'
import type { Reader, Store, Transaction } from '../../store/store.ts'

export type Ec2Dependencies = { readonly store: Store; readonly clock: Clock; readonly ids: Ids }

export type Ec2Operation<Input, Output> = (dependencies: Ec2Dependencies) => Operation<Input, Output>

/** A transaction over networks: the account and region has its default VPC by then. */
export const writeNetwork = <T>(
  { store, clock, ids }: Ec2Dependencies,
  request: RequestContext,
  fn: (tx: Transaction, now: number) => T,
): Promise<T> =>
  store.write(tx => {
    const now = clock.now()
    ensureDefaultNetwork(tx, request, ids, now)
    return fn(tx, now)
  })

/** What a Describe reads from; the first one in an account and region makes its default VPC. */
export const readNetwork = async (dependencies: Ec2Dependencies, request: RequestContext): Promise<Reader> => {
  const { store } = dependencies
  if (!defaultVpc(store, request)) await writeNetwork(dependencies, request, () => undefined)
  return store
}

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message)

export const missing = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}`)

/** A member that AWS has and Stowage does not honour; false and absent ask for nothing. */
export const refuseNotBuilt = (members: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(members))
    if (value !== undefined && value !== false)
      throw new AwsError('UnsupportedOperation', `${name} is not built in Stowage yet: see docs/coverage.md.`)
}

const SUCCEEDS = 'Request would have succeeded, but DryRun flag is set.'

/** Called when all has been checked, before anything is changed. */
export const checkDryRun = (dryRun: boolean | undefined): void => {
  if (dryRun) throw new AwsError('DryRunOperation', SUCCEEDS, { httpStatus: 412 })
}
