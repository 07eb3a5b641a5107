// Ids in AWS's forms. The only source of randomness: passed down as a parameter, so a seed can make a run repeatable.
import { randomBytes } from 'node:crypto'

export type Ids = {
  /** 32 lower-case hex digits: container-instance ids. */
  readonly hex32: () => string
  /**
   * The same for a task made at `now`: 12 digits of the time, 20 random ones. Tasks made together then lie together, in memory's
   * order and in the journal's file, and are listed in the order in which they were made.
   */
  readonly taskId: (now: number) => string
  /** A version 4 UUID: containers, messages, requests, attachments, events. */
  readonly uuid: () => string
  /** 19 decimal digits, leading zeros included: `ecs-svc/<digits>` and service revisions. */
  readonly digits19: () => string
  /** 21 characters of [A-Za-z0-9_-]: service deployments. */
  readonly nano21: () => string
  /** `bytes` random bytes: access keys and other secrets. */
  readonly bytes: (bytes: number) => Buffer
  /** A number in [0, 1): jitter. */
  readonly fraction: () => number
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'

export const idsFrom = (bytes: (count: number) => Buffer): Ids => ({
  hex32: () => bytes(16).toString('hex'),
  taskId: now => now.toString(16).padStart(12, '0') + bytes(10).toString('hex'),
  uuid: () => {
    const raw = bytes(16)
    raw.writeUInt8((raw.readUInt8(6) & 0x0f) | 0x40, 6)
    raw.writeUInt8((raw.readUInt8(8) & 0x3f) | 0x80, 8)
    const hex = raw.toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
  digits19: () => (bytes(8).readBigUInt64BE() % 10n ** 19n).toString().padStart(19, '0'),
  nano21: () => Array.from(bytes(21), byte => ALPHABET[byte & 63]).join(''),
  bytes,
  fraction: () => bytes(4).readUInt32BE() / 2 ** 32,
})

/** Ids from the operating system's random source, drawn a page at a time: a call for each id costs ten times more. */
export const systemIds = (): Ids => {
  const PAGE = 8192
  let page = randomBytes(PAGE)
  let used = 0
  return idsFrom(count => {
    if (count > PAGE) return randomBytes(count)
    if (used + count > PAGE) {
      page = randomBytes(PAGE)
      used = 0
    }
    used += count
    return Buffer.from(page.subarray(used - count, used))
  })
}

/** The same ids for the same seed (xorshift32): tests and the simulation. */
export const seededIds = (seed: number): Ids => {
  let state = seed | 0 || 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  }
  return idsFrom(count => Buffer.from(Array.from({ length: count }, next)))
}
