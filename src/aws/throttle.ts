// Decides whether a request comes too soon after others of its kind: a bucket of tokens for each kind of operation, account
// and region, as AWS has them. A request takes a token; tokens come back at a steady rate up to the bucket's size. Off unless
// the gateway is told otherwise: AWS protects machines that many customers share, on one's own there may be nothing to protect.
// Before: find-operation.ts. After: decoding. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
import type { Clock } from '../lib/clock.ts'
import { AwsError } from './error.ts'
import type { AwsService, ThrottleBucket } from './operation.ts'

export type ThrottledRequest = {
  readonly service: AwsService
  readonly operation: string
  readonly accountId: string
  readonly region: string
}

/** Throws AwsError when the request's bucket is empty. */
export type Throttle = (request: ThrottledRequest) => void

/**
 * Buckets that are kept at a time, many more than there are kinds of operations in AWS's regions: a caller that makes up
 * regions must not fill the memory. Full ones are forgotten then, which changes nothing: a new one is full.
 */
const MOST_BUCKETS = 10_000

type Level = { tokens: number; at: number; readonly bucket: ThrottleBucket }

export const throttler = ({ clock }: { readonly clock: Clock }): Throttle => {
  const levels = new Map<string, Level>()
  const kinds = new Map<AwsService, ReadonlyMap<string, ThrottleBucket>>()
  const bucketOf = (service: AwsService, operation: string): ThrottleBucket | undefined => {
    const known = kinds.get(service) ?? byOperation(service.throttling ?? [])
    kinds.set(service, known)
    return known.get(operation)
  }
  return ({ service, operation, accountId, region }) => {
    const bucket = bucketOf(service, operation)
    if (!bucket) return
    const now = clock.now()
    const key = `${service.name}|${bucket.operations[0]}|${accountId}|${region}`
    const level = levels.get(key) ?? { tokens: bucket.burst, at: now, bucket }
    if (levels.size >= MOST_BUCKETS && !levels.has(key)) forgetFull(levels, now)
    levels.set(key, level)
    fill(level, now)
    if (level.tokens < 1) throw rateExceeded(service)
    level.tokens -= 1
  }
}

const byOperation = (buckets: readonly ThrottleBucket[]): ReadonlyMap<string, ThrottleBucket> =>
  new Map(buckets.flatMap(bucket => bucket.operations.map(operation => [operation, bucket] as const)))

// A clock that was set back gives nothing and takes nothing.
const fill = (level: Level, now: number): void => {
  const { burst, refillPerSecond } = level.bucket
  const seconds = Math.max(0, now - level.at) / 1000
  level.tokens = Math.min(burst, level.tokens + seconds * refillPerSecond)
  level.at = now
}

const forgetFull = (levels: Map<string, Level>, now: number): void => {
  for (const [key, level] of levels) {
    fill(level, now)
    if (level.tokens >= level.bucket.burst) levels.delete(key)
  }
}

const rateExceeded = ({ protocol }: AwsService): AwsError =>
  new AwsError(protocol === 'awsQuery' ? 'Throttling' : 'ThrottlingException', 'Rate exceeded')
