// How long to wait before the next try: doubling (or `factor`) from `first` to `most`, with jitter so that many who
// failed together don't come back together.

export type BackoffPolicy = {
  readonly firstMs: number
  readonly mostMs: number
  readonly factor: number
  /** 0.2 spreads each wait over -20 % to +20 %. */
  readonly jitter: number
}

/** The wait before try number `attempt + 1`, `attempt` failures (>= 1) having happened; `fraction` is in [0, 1). */
export const backoffMs = (policy: BackoffPolicy, attempt: number, fraction: number): number => {
  const plain = Math.min(policy.mostMs, policy.firstMs * policy.factor ** Math.max(0, attempt - 1))
  return Math.round(plain * (1 + policy.jitter * (2 * fraction - 1)))
}
