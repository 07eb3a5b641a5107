// Which instance each waiting task gets, or why none will do. Pure: groups of tasks that ask for the same, and candidates,
// come in. The first refusal of a group speaks for the rest of it: they ask for the same.
// Before: reconciler.ts, which reads who waits and what is left where. After: commit.ts.
import type { Task } from '../../domain/task.ts'
import type { Candidate, PlacementRequest, Refusal } from '../../scheduler/place.ts'
import { placerOf } from '../../scheduler/placer.ts'

/** Tasks of one deployment that ask for the same, waiting for a host. */
export type Group = {
  readonly tasks: readonly Task[]
  readonly request: PlacementRequest
  /** Their figures change with each `take`. */
  readonly candidates: () => readonly Candidate[]
  /** Taken only where no other will do: a task of the deployment failed to start there lately. */
  readonly shunned: ReadonlySet<string>
  /** Counts a task onto an instance, so that the next one sees what is left. */
  readonly take: (instanceArn: string) => void
}

export type Placed = { readonly task: Task; readonly instanceArn: string }

export type Refused = { readonly tasks: readonly Task[]; readonly refusals: readonly Refusal[] }

export type PlacementPlan = {
  readonly placed: readonly Placed[]
  readonly refused: readonly Refused[]
  /** The limit was reached before all were looked at. */
  readonly again: boolean
}

export type PlacementLimits = {
  /** Tasks placed before those that wait are read anew: making candidates of thousands of instances is to pay off. */
  readonly placementsPerPass: number
  /** Candidates looked at: what keeps a pass short where there are thousands of instances, and many groups of tasks. */
  readonly looksPerPass: number
}

export const planPlacements = (groups: readonly Group[], limits: PlacementLimits): PlacementPlan => {
  const placed: Placed[] = []
  const refused: Refused[] = []
  let looks = 0
  const enough = (): boolean =>
    placed.length >= limits.placementsPerPass || (placed.length > 0 && looks >= limits.looksPerPass)
  for (const group of groups) {
    if (enough()) return { placed, refused, again: true }
    const candidates = group.candidates()
    const preferred = preferredOf(candidates, group.shunned)
    let shuns = preferred.length < candidates.length
    let placer = placerOf(group.request, preferred)
    looks += candidates.length
    for (const [at, task] of group.tasks.entries()) {
      if (enough()) return { placed, refused, again: true }
      looks += placer.looks
      let placement = placer.next(fractionOf(task))
      if ('refusals' in placement && shuns) {
        shuns = false
        placer = placerOf(group.request, candidates)
        placement = placer.next(fractionOf(task))
      }
      if ('refusals' in placement) {
        refused.push({ tasks: group.tasks.slice(at), refusals: placement.refusals })
        break
      }
      group.take(placement.arn)
      placed.push({ task, instanceArn: placement.arn })
    }
  }
  return { placed, refused, again: false }
}

// The draw of strategy `random`: a task's id ends at random, and planning again gives the same.
const fractionOf = (task: Task): number => Number.parseInt(task.id.slice(-8), 16) / 2 ** 32

const preferredOf = (candidates: readonly Candidate[], shunned: ReadonlySet<string>): readonly Candidate[] => {
  if (shunned.size === 0) return candidates
  const others = candidates.filter(({ arn }) => !shunned.has(arn))
  return others.length > 0 ? others : candidates
}
