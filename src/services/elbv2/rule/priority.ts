// A rule's priority: 1 to 50000, one rule each within a listener.
// Before: CreateRule, SetRulePriorities.
import { checkRange, invalid, refusal } from '../context.ts'

const LAST = 50_000

export const checkPriority = (asked: number | undefined): number => {
  if (asked === undefined) throw invalid('A priority must be specified')
  checkRange('priority', asked, 1, LAST)
  return asked
}

export const priorityInUse = (priority: number) =>
  refusal('PriorityInUse', `Priority '${priority}' is currently in use`)
