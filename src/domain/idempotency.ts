// What a clientToken stood for, so that a repeated request gets the first one's answer.

export type IdempotencyRecord = {
  /** `<operation>|<clusterArn>|<token>` */
  readonly key: string
  /** SHA-256 of the request without its token: a different one under the same token is a conflict. */
  readonly requestHash: string
  /** ARNs of what the first request made. */
  readonly resourceArns: readonly string[]
  readonly failures: readonly { readonly arn?: string; readonly reason: string; readonly detail?: string }[]
  readonly createdAt: number
}

/** A token means its request for this long; then the record goes. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html */
export const TOKEN_LIFETIME_MS = 24 * 60 * 60 * 1000
