// Places tasks that ask for the same, one after the other, without looking at every candidate for each. Answers exactly what
// `place` would (placer.property.test.ts holds it to that). Pure.
//
// It rests on one thing: what is placed changes the figures of the instance it went to, and otherwise only what instances of
// one zone, or of one value of an attribute, share. So candidates are kept in classes that share all that is shared, each class
// a heap by the rest; the next instance is the best of the classes' tops, and only the top that was taken moves.
// Before: the placement loop's plan. Beside: place.ts, which looks at everything.
import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import { passes } from './filters.ts'
import { type Candidate, type Placement, type PlacementRequest, place, refusalsOf } from './place.ts'
import { attributeHere, scoreHere, spreadAttribute, spreadHere, spreadInZone, ZONE_ATTRIBUTE } from './strategies.ts'

export type Placer = {
  /** `fraction`: this task's draw of strategy `random`. Whatever was placed before has been counted by the caller. */
  readonly next: (fraction: number) => Placement
  /** How many candidates one placement looks at. */
  readonly looks: number
}

export const placerOf = (request: PlacementRequest, candidates: readonly Candidate[]): Placer => {
  const random = request.strategy.findIndex(({ type }) => type === 'random')
  if (random === 0) return drawing(request, candidates)
  // A draw among the best by another strategy: rare, and a heap doesn't know how many are equal.
  if (random > 0) {
    return { next: fraction => place({ ...request, fraction }, candidates), looks: candidates.length }
  }
  return ordering(request, candidates)
}

/** The first strategy is `random`: it leaves one, whatever comes after it. */
const drawing = (request: PlacementRequest, candidates: readonly Candidate[]): Placer => {
  const fit = candidates.filter(candidate => passes(request, candidate))
  let last = -1
  const next = (fraction: number): Placement => {
    const taken = fit[last]
    if (taken !== undefined && !passes(request, taken)) fit.splice(last, 1)
    last = Math.floor(fraction * fit.length)
    const drawn = fit[last]
    return drawn === undefined ? { refusals: refusalsOf(request, candidates) } : { arn: drawn.arn }
  }
  return { next, looks: 1 }
}

/** What decides, in order: a figure of the instance itself (place in `own`), or one that its class shares (place in `shared`). */
type Term = { readonly own: number } | { readonly shared: number }

type Entry = {
  readonly candidate: Candidate
  /** Among equals the first given wins. */
  readonly at: number
  readonly own: number[]
  readonly members: Class
}
type Class = { readonly heap: Entry[]; readonly shared: readonly (() => number)[] }

const ordering = (request: PlacementRequest, candidates: readonly Candidate[]): Placer => {
  const { terms, ownScores, attributes } = termsOf(request.strategy)
  const counts = attributes.map(name => countsBy(name, candidates))
  const classes = new Map<string, Class>()
  const classOf = (candidate: Candidate): Class => {
    const values = attributes.map(name => attributeHere(candidate, name))
    const key = values.length === 0 ? candidate.availabilityZone : JSON.stringify([candidate.availabilityZone, values])
    const known = classes.get(key)
    if (known !== undefined) return known
    const inZone = (): number => spreadInZone(candidate)
    const shared = [inZone, ...values.map((value, at) => () => counts[at]?.get(value) ?? 0)]
    const made: Class = { heap: [], shared }
    classes.set(key, made)
    return made
  }
  for (const [at, candidate] of candidates.entries()) {
    if (!passes(request, candidate)) continue
    const members = classOf(candidate)
    members.heap.push({ candidate, at, own: ownScores.map(score => score(candidate)), members })
  }
  for (const { heap } of classes.values()) heapify(heap)

  let last: { readonly entry: Entry; readonly here: number } | undefined
  const recheck = ({ entry, here }: NonNullable<typeof last>): void => {
    const { candidate, own, members } = entry
    const more = spreadHere(candidate) - here
    for (const [at, name] of attributes.entries()) addTo(counts[at], attributeHere(candidate, name), more)
    if (!passes(request, candidate)) removeTop(members.heap)
    else {
      for (const [at, score] of ownScores.entries()) own[at] = score(candidate)
      sink(members.heap, 0)
    }
  }
  const next = (): Placement => {
    if (last !== undefined) recheck(last)
    let best: Entry | undefined
    for (const { heap } of classes.values()) {
      const [top] = heap
      if (top !== undefined && (best === undefined || beats(top, best, terms))) best = top
    }
    last = best && { entry: best, here: spreadHere(best.candidate) }
    return best === undefined ? { refusals: refusalsOf(request, candidates) } : { arn: best.candidate.arn }
  }
  return { next, looks: Math.max(1, classes.size) }
}

const SHARED_ZONE = 0

/** The strategies, then what goes by default (strategies.ts): the zone, the instance, all tasks there. */
const termsOf = (strategies: readonly PlacementStrategy[]) => {
  const terms: Term[] = []
  const ownScores: ((candidate: Candidate) => number)[] = []
  const attributes: string[] = []
  const addOwn = (score: (candidate: Candidate) => number) => terms.push({ own: ownScores.push(score) - 1 })
  for (const strategy of strategies) {
    const score = scoreHere(strategy)
    const name = spreadAttribute(strategy)
    if (score !== undefined) addOwn(score)
    else if (name === ZONE_ATTRIBUTE) terms.push({ shared: SHARED_ZONE })
    else terms.push({ shared: attributes.push(name) })
  }
  terms.push({ shared: SHARED_ZONE })
  addOwn(spreadHere)
  addOwn(({ tasksHere }) => tasksHere)
  return { terms, ownScores, attributes }
}

const countsBy = (name: string, candidates: readonly Candidate[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const candidate of candidates) addTo(counts, attributeHere(candidate, name), spreadHere(candidate))
  return counts
}

const addTo = (counts: Map<string, number> | undefined, value: string, more: number): void => {
  counts?.set(value, (counts.get(value) ?? 0) + more)
}

const beats = (one: Entry, other: Entry, terms: readonly Term[]): boolean => {
  for (const term of terms) {
    const difference =
      'own' in term
        ? (one.own[term.own] ?? 0) - (other.own[term.own] ?? 0)
        : (one.members.shared[term.shared]?.() ?? 0) - (other.members.shared[term.shared]?.() ?? 0)
    if (difference !== 0) return difference < 0
  }
  return one.at < other.at
}

/** Of one class. */
const before = (one: Entry, other: Entry): boolean => {
  // Counted: an iterator would cost several times what it goes over.
  for (let at = 0; at < one.own.length; at++) {
    const difference = (one.own[at] ?? 0) - (other.own[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return one.at < other.at
}

const heapify = (heap: Entry[]): void => {
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at)
}

const sink = (heap: Entry[], from: number): void => {
  const entry = heap[from]
  if (entry === undefined) return
  let at = from
  for (;;) {
    let child = 2 * at + 1
    let least = heap[child]
    if (least === undefined) break
    const right = heap[child + 1]
    if (right !== undefined && before(right, least)) {
      least = right
      child++
    }
    if (!before(least, entry)) break
    heap[at] = least
    at = child
  }
  heap[at] = entry
}

const removeTop = (heap: Entry[]): void => {
  const end = heap.pop()
  if (end === undefined || heap.length === 0) return
  heap[0] = end
  sink(heap, 0)
}
