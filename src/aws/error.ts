// A modelled AWS error: the only kind that callers are meant to see. Raised in aws/ and services/ alone.

export class AwsError extends Error {
  override readonly name = 'AwsError'
  /** The shape's name, as clients match on it: `ClusterNotFoundException`. */
  readonly code: string
  readonly httpStatus: number
  /** Further members of the error's shape: `resourceIds` of a ConflictException. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    more: { readonly httpStatus?: number; readonly members?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message)
    this.code = code
    this.httpStatus = more.httpStatus ?? 400
    this.members = more.members ?? {}
  }
}
