// Keys in order: what an index bucket and a table's own order are made of.
//
// An array of sorted chunks. A key is found by two binary searches, over the chunks' first keys and inside one chunk; an
// insert or removal moves at most a chunk's pointers. Against a tree it costs 8 to 16 bytes a key, no object per node,
// and reads in order at array speed. Plain data and functions rather than a class: there are as many of these as there
// are index values. Read and written by memory-table.ts only.

/** Largest chunk. Moving 128 pointers takes less than the binary search before it; 100,000 keys make about 1,200 chunks. */
const CHUNK = 128

export type SortedKeys = {
  /** None is empty; every key of one is smaller than every key of the next. */
  readonly chunks: string[][]
  size: number
  /** Rises with every change, so that a reader half way through knows that its position no longer holds. */
  version: number
}

export const sortedKeys = (): SortedKeys => ({ chunks: [], size: 0, version: 0 })

/** False when the key was there already. */
export const insertKey = (keys: SortedKeys, key: string): boolean => {
  const { chunks } = keys
  const at = chunkFor(chunks, key)
  const chunk = chunks[at]
  if (!chunk) {
    chunks.push([key])
  } else {
    const offset = firstNotBelow(chunk, key)
    if (chunk[offset] === key) return false
    if (chunk.length < CHUNK) {
      chunk.splice(offset, 0, key)
    } else if (offset === CHUNK && at === chunks.length - 1) {
      // Keys that arrive in order (a load, time-ordered keys) leave full chunks behind, not halves.
      chunks.push([key])
    } else {
      const upper = chunk.splice(CHUNK / 2)
      chunks.splice(at + 1, 0, upper)
      if (offset <= CHUNK / 2) chunk.splice(offset, 0, key)
      else upper.splice(offset - CHUNK / 2, 0, key)
    }
  }
  keys.size++
  keys.version++
  return true
}

/** For a load in key order: the key is known to be greater than every one that is there, so nothing is compared. */
export const appendKey = (keys: SortedKeys, key: string): void => {
  const chunk = keys.chunks[keys.chunks.length - 1]
  if (chunk && chunk.length < CHUNK) chunk.push(key)
  else keys.chunks.push([key])
  keys.size++
  keys.version++
}

/** False when the key was not there. */
export const removeKey = (keys: SortedKeys, key: string): boolean => {
  const { chunks } = keys
  const at = chunkFor(chunks, key)
  const chunk = chunks[at]
  if (!chunk) return false
  const offset = firstNotBelow(chunk, key)
  if (chunk[offset] !== key) return false
  chunk.splice(offset, 1)
  keys.size--
  keys.version++
  if (chunk.length === 0) chunks.splice(at, 1)
  else if (chunk.length < CHUNK / 4) mergeWithNeighbour(chunks, at)
  return true
}

/**
 * The keys behind `after`, or all, in order. `current` is asked again whenever the set changed since the last key, so
 * that writes between two keys are allowed: what the reader gets next is the smallest key, at that moment, behind its last.
 */
export function* keysAfter(
  current: () => SortedKeys | undefined,
  after: string | undefined,
): Generator<string, undefined, undefined> {
  let last = after
  for (;;) {
    const keys = current()
    if (!keys) return
    const { version, chunks } = keys
    let at = last === undefined ? 0 : chunkFor(chunks, last)
    let offset = last === undefined ? 0 : firstAbove(chunks[at] ?? [], last)
    while (keys.version === version) {
      const chunk = chunks[at]
      if (!chunk) return
      const key = chunk[offset++]
      if (key === undefined) {
        at++
        offset = 0
      } else {
        last = key
        yield key
      }
    }
  }
}

/** The chunk that holds `key` or would: the last whose first key is not above it. */
const chunkFor = (chunks: readonly (readonly string[])[], key: string): number => {
  // Comparing is the main cost of these sets (ARNs differ late). Most have one chunk, and keys that rise with time belong to the last.
  let low = 1
  let high = chunks.length
  const lastBegins = high > 1 ? chunks[high - 1]?.[0] : undefined
  if (lastBegins !== undefined && lastBegins <= key) return high - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    const first = chunks[middle]?.[0]
    if (first !== undefined && first <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}

const firstNotBelow = (chunk: readonly string[], key: string): number => {
  const last = chunk[chunk.length - 1]
  if (last !== undefined && last < key) return chunk.length
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const candidate = chunk[middle]
    if (candidate !== undefined && candidate < key) low = middle + 1
    else high = middle
  }
  return low
}

const firstAbove = (chunk: readonly string[], key: string): number => {
  const offset = firstNotBelow(chunk, key)
  return chunk[offset] === key ? offset + 1 : offset
}

// Keeps the number of chunks in proportion to the keys when many are removed.
const mergeWithNeighbour = (chunks: string[][], at: number): void => {
  for (const left of [at - 1, at]) {
    const lower = chunks[left]
    const upper = chunks[left + 1]
    if (lower && upper && lower.length + upper.length <= CHUNK / 2) {
      lower.push(...upper)
      chunks.splice(left + 1, 1)
      return
    }
  }
}
