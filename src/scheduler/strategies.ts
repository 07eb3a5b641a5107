// Which of the instances that will do gets the task. Strategies narrow the choice in the order given, each keeping what is
// best by it; what is left, and all when there is no strategy, goes by the default: the zone with the fewest tasks of the
// group, then the instance with the fewest, then the fewest tasks at all.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
import type { PlacementStrategy } from '@aws-sdk/client-ecs'
import type { Candidate, PlacementRequest } from './place.ts'

type Score = (candidate: Candidate) => number

export const ZONE_ATTRIBUTE = 'ecs.availability-zone'

/** `fit` passed every filter; `all` also counts: tasks of the group stand on instances that are full, too. */
export const pick = (
  request: PlacementRequest,
  fit: readonly Candidate[],
  all: readonly Candidate[],
): Candidate | undefined => {
  let choice = fit
  for (const strategy of request.strategy) {
    if (choice.length <= 1) break
    choice = strategy.type === 'random' ? drawn(choice, request.fraction) : least(choice, scoreOf(strategy, all))
  }
  return choice.length <= 1 ? choice[0] : fewest(choice)
}

const scoreOf = (strategy: PlacementStrategy, all: readonly Candidate[]): Score => {
  const here = scoreHere(strategy)
  if (here !== undefined) return here
  const name = spreadAttribute(strategy)
  if (name === ZONE_ATTRIBUTE) return spreadInZone
  return spreadOver(name, all)
}

/** What a strategy goes by, when it is a figure of the instance alone; undefined for a spread over an attribute. */
export const scoreHere = ({ type, field = '' }: PlacementStrategy): Score | undefined => {
  if (type === 'binpack')
    return field.toLowerCase() === 'memory'
      ? ({ remainingMemory }) => remainingMemory
      : ({ remainingCpu }) => remainingCpu
  return field === 'instanceId' || field === 'host' ? spreadHere : undefined
}

// Service tasks are spread based on the tasks from that service. While two deployments have some, the new one's are to stand even
// when the old one's are gone, so its own count first, and the service's where these are equal: a task of the own
// deployment weighs more than all that a service may have.
export const OWN_DEPLOYMENT = 2 ** 24

/** What a spread over instances goes by. */
export const spreadHere = ({ groupTasksHere, revisionTasksHere = 0 }: Candidate): number =>
  revisionTasksHere * OWN_DEPLOYMENT + groupTasksHere

/** What a spread over Availability Zones goes by. */
export const spreadInZone = ({ groupTasksInZone, revisionTasksInZone = 0 }: Candidate): number =>
  revisionTasksInZone * OWN_DEPLOYMENT + groupTasksInZone

/** The attribute that a spread evens out over. */
export const spreadAttribute = ({ field = '' }: PlacementStrategy): string => field.replace(/^attribute:/, '')

/** Instances without the attribute count as one value together. */
export const attributeHere = ({ attributes }: Candidate, name: string): string =>
  attributes.find(one => one.name === name)?.value ?? ''

// Tasks of the group by the value of an attribute.
const spreadOver = (name: string, all: readonly Candidate[]): Score => {
  const tasks = new Map<string, number>()
  for (const candidate of all) {
    const value = attributeHere(candidate, name)
    tasks.set(value, (tasks.get(value) ?? 0) + spreadHere(candidate))
  }
  return candidate => tasks.get(attributeHere(candidate, name)) ?? 0
}

const least = (choice: readonly Candidate[], score: Score): readonly Candidate[] => {
  let lowest = Number.POSITIVE_INFINITY
  let kept: Candidate[] = []
  for (const candidate of choice) {
    const value = score(candidate)
    if (value > lowest) continue
    if (value < lowest) kept = []
    lowest = value
    kept.push(candidate)
  }
  return kept
}

const fewest = (choice: readonly Candidate[]): Candidate | undefined => {
  let best: Candidate | undefined
  for (const candidate of choice) if (best === undefined || beats(candidate, best)) best = candidate
  return best
}

const beats = (candidate: Candidate, best: Candidate): boolean =>
  (spreadInZone(candidate) - spreadInZone(best) ||
    spreadHere(candidate) - spreadHere(best) ||
    candidate.tasksHere - best.tasksHere) < 0

const drawn = (choice: readonly Candidate[], fraction: number | undefined): readonly Candidate[] => {
  const at = fraction === undefined ? hash(choice) % choice.length : Math.floor(fraction * choice.length)
  return choice.slice(at, at + 1)
}

// FNV-1a over the candidates and how many tasks they have: it changes with every placement.
const hash = (choice: readonly Candidate[]): number => {
  let value = 0x811c9dc5
  for (const { arn, tasksHere } of choice)
    for (const char of `${arn}${tasksHere}`) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return value
}
