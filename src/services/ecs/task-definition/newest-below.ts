// Finds a family's newest revision of one status below a number: the latest ACTIVE one that a bare family name stands for,
// and step by step the listing that shows the newest first. The store reads upwards only, so this searches by halves:
// a long tail of deregistered revisions costs a few look-ups, not a walk.
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import type { Reader } from '../../../store/store.ts'
import { taskDefinitionFamilies, taskDefinitionKey, taskDefinitions } from '../../../store/tables.ts'

export type RevisionsOf = {
  readonly region: string
  readonly family: string
  readonly status: TaskDefinition['status']
}

/** The revision with the highest number under `below`, undefined when there is none. */
export const newestBelow = (reader: Reader, of: RevisionsOf, below: number): TaskDefinition | undefined => {
  const { region, family, status } = of
  const last = reader.get(taskDefinitionFamilies, `${region}/${family}`)?.lastRevision
  if (last === undefined) return undefined
  const key = (revision: number): string => taskDefinitionKey(region, family, revision)
  const highest = Math.min(last, below - 1)
  const likely = reader.get(taskDefinitions, key(highest))
  if (likely?.status === status) return likely

  const firstAbove = (revision: number): TaskDefinition | undefined => {
    const rows = reader.byIndex(taskDefinitions, 'byFamilyStatus', `${region}/${family}|${status}`, key(revision))
    const first: TaskDefinition | undefined = rows.next().value
    return first && first.revision <= highest ? first : undefined
  }
  let found = firstAbove(0)
  let low = found?.revision ?? highest
  let high = highest
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const later = firstAbove(middle)
    if (later) {
      found = later
      low = later.revision
    } else high = middle
  }
  return found
}
