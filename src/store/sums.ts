// Sums over the rows of a group, kept current by the difference that each change makes. Written by memory-table.ts.
import { assert } from '../lib/assert.ts'
import type { Sum } from './table.ts'

/** `names` counts the record's members: looking whether it is empty would cost what it holds, and a spread holds every host. */
export type SumGroup = { readonly sums: Record<string, number>; names: number }
export type SumGroups = Map<string, SumGroup>

type Addends = ReturnType<Sum<unknown>>

/** Whole numbers only: they add up and cancel out exactly, so a group whose rows are all gone is gone too. */
export const assertAddends = (name: string, addends: Addends): void => {
  if (!addends) return
  for (const key in addends.add) {
    assert(Number.isSafeInteger(addends.add[key]), `sum ${name}: ${key} of ${addends.group} is not a whole number`)
  }
}

export const changeSum = (groups: SumGroups, before: Addends, after: Addends): void => {
  if (before && after && before.group === after.group && sameNumbers(before.add, after.add)) return
  // Adding first keeps a group from being dropped and made again when its only row changes.
  if (after) addTo(groups, after.group, after.add, 1)
  if (before) addTo(groups, before.group, before.add, -1)
}

const addTo = (groups: SumGroups, name: string, add: Readonly<Record<string, number>>, sign: 1 | -1): void => {
  let group = groups.get(name)
  for (const key in add) {
    const difference = sign * (add[key] ?? 0)
    if (difference === 0) continue
    if (!group) {
      group = { sums: {}, names: 0 }
      groups.set(name, group)
    }
    const old = group.sums[key]
    const sum = (old ?? 0) + difference
    if (sum === 0) {
      delete group.sums[key]
      group.names--
    } else {
      group.sums[key] = sum
      if (old === undefined) group.names++
    }
  }
  if (group?.names === 0) groups.delete(name)
}

const sameNumbers = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean => {
  for (const key in a) if ((a[key] ?? 0) !== (b[key] ?? 0)) return false
  for (const key in b) if ((a[key] ?? 0) !== (b[key] ?? 0)) return false
  return true
}
