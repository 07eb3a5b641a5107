// One table in memory: its rows by key, their order, its indexes and sums. Written by transactions (transaction.ts) and by
// the load at start (fill-table.ts), read through reader.ts.
import { assert } from '../lib/assert.ts'
import { insertKey, keysAfter, removeKey, type SortedKeys, sortedKeys } from './sorted-keys.ts'
import { type Addend, addendsOf, changeSum, type SumGroups } from './sums.ts'
import type { Sum, Table } from './table.ts'

type Index<Row> = { readonly of: (row: Row) => string | undefined; readonly buckets: Map<string, SortedKeys> }
type SumState<Row> = { readonly of: Sum<Row>; readonly groups: SumGroups }

export type MemoryTable<Row> = {
  readonly table: Table<Row>
  readonly rows: Map<string, Row>
  readonly order: SortedKeys
  /** An index holds keys, not rows: a row replaced by one with the same index value leaves its bucket as it is. */
  readonly indexes: ReadonlyMap<string, Index<Row>>
  readonly sums: ReadonlyMap<string, SumState<Row>>
}

export const memoryTable = <Row>(table: Table<Row>): MemoryTable<Row> => ({
  table,
  rows: new Map(),
  order: sortedKeys(),
  indexes: new Map(Object.entries(table.indexes).map(([name, of]) => [name, { of, buckets: new Map() }])),
  sums: new Map(Object.entries(table.sums).map(([name, of]) => [name, { of, groups: new Map() }])),
})

/** Puts `row` under `key`, or deletes what is there when it is undefined. Either all of it happens or, on a throw, nothing. */
export const setRow = <Row>(memory: MemoryTable<Row>, key: string, row: Row | undefined): void => {
  const before = memory.rows.get(key)
  // A table's functions may throw (a bug): they all run before anything is changed.
  const moves = indexMoves(memory, before, row)
  const differences = sumDifferences(memory, before, row)

  if (row !== undefined) memory.rows.set(key, row)
  else memory.rows.delete(key)
  if (before === undefined && row !== undefined) insertKey(memory.order, key)
  if (before !== undefined && row === undefined) removeKey(memory.order, key)
  for (const { buckets, from, to } of moves) {
    if (from !== undefined) removeFromBucket(buckets, from, key)
    if (to !== undefined) insertKey(bucketOf(buckets, to), key)
  }
  for (const { groups, from, to } of differences) changeSum(groups, from, to)
}

type Move = { buckets: Map<string, SortedKeys>; from: string | undefined; to: string | undefined }

const indexMoves = <Row>(memory: MemoryTable<Row>, before: Row | undefined, after: Row | undefined): Move[] => {
  const moves: Move[] = []
  for (const { of, buckets } of memory.indexes.values()) {
    const from = before === undefined ? undefined : of(before)
    const to = after === undefined ? undefined : of(after)
    if (from !== to) moves.push({ buckets, from, to })
  }
  return moves
}

type Difference = { groups: SumGroups; from: readonly Addend[]; to: readonly Addend[] }

const sumDifferences = <Row>(memory: MemoryTable<Row>, before: Row | undefined, after: Row | undefined) => {
  const differences: Difference[] = []
  for (const { of, groups } of memory.sums.values()) {
    const from = addendsOf(of, before)
    const to = addendsOf(of, after)
    if (from.length > 0 || to.length > 0) differences.push({ groups, from, to })
  }
  return differences
}

export const bucketOf = (buckets: Map<string, SortedKeys>, value: string): SortedKeys => {
  let bucket = buckets.get(value)
  if (!bucket) {
    bucket = sortedKeys()
    buckets.set(value, bucket)
  }
  return bucket
}

const removeFromBucket = (buckets: Map<string, SortedKeys>, value: string, key: string): void => {
  const bucket = buckets.get(value)
  if (bucket && removeKey(bucket, key) && bucket.size === 0) buckets.delete(value)
}

export function* rowsInOrder<Row>(memory: MemoryTable<Row>, after: string | undefined): Generator<Row, undefined> {
  yield* rowsOf(
    memory,
    keysAfter(() => memory.order, after),
  )
}

export function* rowsByIndex<Row>(
  memory: MemoryTable<Row>,
  index: string,
  value: string,
  after: string | undefined,
): Generator<Row, undefined> {
  const { buckets } = indexOf(memory, index)
  yield* rowsOf(
    memory,
    keysAfter(() => buckets.get(value), after),
  )
}

function* rowsOf<Row>(memory: MemoryTable<Row>, keys: Iterable<string>): Generator<Row, undefined> {
  for (const key of keys) {
    const row = memory.rows.get(key)
    assert(row !== undefined, `${memory.table.name}: the key ${key} has no row`)
    yield row
  }
}

export const countByIndex = <Row>(memory: MemoryTable<Row>, index: string, value: string): number =>
  indexOf(memory, index).buckets.get(value)?.size ?? 0

const NOTHING: Readonly<Record<string, number>> = Object.freeze({})

export const sumOf = <Row>(memory: MemoryTable<Row>, sum: string, group: string): Readonly<Record<string, number>> => {
  const state = memory.sums.get(sum)
  assert(state, `table ${memory.table.name} has no sum ${sum}`)
  return state.groups.get(group)?.sums ?? NOTHING
}

const indexOf = <Row>(memory: MemoryTable<Row>, index: string): Index<Row> => {
  const found = memory.indexes.get(index)
  assert(found, `table ${memory.table.name} has no index ${index}`)
  return found
}
