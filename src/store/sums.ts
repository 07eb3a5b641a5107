// Sums over the rows of a group, kept current by the difference that each change makes. Written by memory-table.ts.
import { assert } from '../lib/assert.ts'
import type { Sum } from './table.ts'

/** `names` counts the record's members: looking whether it is empty would cost what it holds, and a spread holds every host. */
export type SumGroup = { readonly sums: Record<string, number>; names: number }
export type SumGroups = Map<string, SumGroup>

export type Addend = { readonly group: string; readonly name: string; readonly value: number }

const NONE: readonly Addend[] = []

/** What a row counts with. Whole numbers only: they cancel out exactly, so a group whose rows are all gone is gone too. */
export const addendsOf = <Row>(of: Sum<Row>, row: Row | undefined): readonly Addend[] => {
  if (row === undefined) return NONE
  const addends: Addend[] = []
  of(row, (group, name, value) => {
    assert(Number.isSafeInteger(value), `${name} of ${group} is not a whole number`)
    addends.push({ group, name, value })
  })
  return addends
}

export const changeSum = (groups: SumGroups, from: readonly Addend[], to: readonly Addend[]): void => {
  if (sameAddends(from, to)) return
  // Adding first keeps a group from being dropped and made again when its only row changes.
  for (const { group, name, value } of to) addTo(groups, group, name, value)
  for (const { group, name, value } of from) addTo(groups, group, name, -value)
}

export const addTo = (groups: SumGroups, name: string, key: string, value: number): void => {
  if (value === 0) return
  let group = groups.get(name)
  if (!group) {
    group = { sums: {}, names: 0 }
    groups.set(name, group)
  }
  const old = group.sums[key]
  const sum = (old ?? 0) + value
  if (sum !== 0) {
    group.sums[key] = sum
    if (old === undefined) group.names++
    return
  }
  delete group.sums[key]
  group.names--
  if (group.names === 0) groups.delete(name)
}

const sameAddends = (a: readonly Addend[], b: readonly Addend[]): boolean =>
  a.length === b.length &&
  a.every((one, at) => {
    const other = b[at]
    return other !== undefined && one.value === other.value && one.name === other.name && one.group === other.group
  })
