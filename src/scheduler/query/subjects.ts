// The subjects of the cluster query language: what each one reads from an instance, how its values compare, and which
// operators it takes. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
import type { Attribute } from '@aws-sdk/client-ecs'
import { parseDate } from './date.ts'
import type { InstanceFacts } from './instance-facts.ts'
import type { Operator } from './parse.ts'
import { excerpt, QueryError } from './query-error.ts'
import type { Word } from './scanner.ts'
import { compareVersions, parseVersion } from './version.ts'

/** Values are texts: one that an instance lacks fulfils no comparison, not even `!=`, and of several any one will do. */
export type TextSubject = {
  readonly kind: 'text'
  readonly operators: readonly Operator[]
  /** Whether some value passes. */
  readonly some: (facts: InstanceFacts, passes: (value: string) => boolean) => boolean
  /** Whether some value is this one, where there is a quicker way to tell. */
  readonly has?: (facts: InstanceFacts, value: string) => boolean
  /** What is wrong with an argument that no value can ever equal. */
  readonly problem?: (argument: string) => string | undefined
}

/** Compared by order. `comparedWith` throws QueryError for an argument of another kind. */
export type OrderedSubject = {
  readonly kind: 'ordered'
  readonly operators: readonly Operator[]
  /** Below 0, 0 or above 0 for an instance below, at or above the argument; undefined when the instance has no such value. */
  readonly comparedWith: (argument: Word) => (facts: InstanceFacts) => number | undefined
}

export type Subject = TextSubject | OrderedSubject

/** Throws QueryError for a subject that there is not. */
export const subjectOf = ({ text, position }: Word): Subject => {
  const known = SUBJECTS.get(text)
  if (known) return known
  if (text.startsWith('attribute:')) return attribute(text.slice('attribute:'.length), position)
  throw new QueryError(
    position,
    `${excerpt(text)} is no subject; subjects are ${[...SUBJECTS.keys()].join(', ')} and attribute:<name>`,
  )
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html */
const MAX_ATTRIBUTE_NAME = 128

const TEXT: readonly Operator[] = ['==', '!=', 'in', '!in', '=~', '!~']
const ORDER: readonly Operator[] = ['==', '!=', '>', '>=', '<', '<=']
const EXISTENCE: readonly Operator[] = ['exists', '!exists']

const attribute = (name: string, position: number): TextSubject => {
  if (name === '' || name.length > MAX_ATTRIBUTE_NAME)
    throw new QueryError(position, `an attribute's name has 1 to ${MAX_ATTRIBUTE_NAME} characters`)
  return {
    kind: 'text',
    operators: [...TEXT, '>', '>=', '<', '<=', ...EXISTENCE],
    some: ({ attributes }, passes) => {
      const value = valuesByName(attributes).get(name)
      return value !== undefined && passes(value)
    },
  }
}

// A list of attributes never changes, it is replaced, and the same instances are asked about again and again.
const valuesByName = (attributes: readonly Attribute[]): ReadonlyMap<string, string> => {
  const known = byName.get(attributes)
  if (known) return known
  const values = new Map(attributes.map(({ name = '', value = '' }) => [name, value]))
  byName.set(attributes, values)
  return values
}

const byName = new WeakMap<readonly Attribute[], ReadonlyMap<string, string>>()

const agentConnected: TextSubject = {
  kind: 'text',
  operators: TEXT,
  some: (facts, passes) => passes(String(facts.agentConnected)),
  problem: argument => (argument === 'true' || argument === 'false' ? undefined : 'agentConnected is true or false'),
}

const ec2InstanceId: TextSubject = {
  kind: 'text',
  operators: TEXT,
  some: ({ ec2InstanceId: id }, passes) => id !== undefined && passes(id),
}

const taskGroup: TextSubject = {
  kind: 'text',
  operators: [...TEXT, ...EXISTENCE],
  some: (facts, passes) => {
    for (const group of facts.taskGroups()) if (passes(group)) return true
    return false
  },
  has: (facts, group) => facts.hasTaskGroup(group),
}

const agentVersion: OrderedSubject = {
  kind: 'ordered',
  operators: ORDER,
  comparedWith: ({ text, position }) => {
    const version = parseVersion(text)
    if (!version) throw new QueryError(position, `${excerpt(text)} is no version like 1.14.5`)
    return facts => {
      const own = facts.agentVersion === undefined ? undefined : parseVersion(facts.agentVersion)
      return own && compareVersions(own, version)
    }
  },
}

/** Seconds on both sides: an argument says no more. */
const registeredAt: OrderedSubject = {
  kind: 'ordered',
  operators: ORDER,
  comparedWith: ({ text, position }) => {
    const seconds = parseDate(text)
    if (seconds === undefined)
      throw new QueryError(position, `${excerpt(text)} is no date like 2018-06-18T22:28:28Z or 2018-06-18`)
    return facts => Math.floor(facts.registeredAt / 1000) - seconds
  },
}

const runningTasksCount: OrderedSubject = {
  kind: 'ordered',
  operators: ORDER,
  comparedWith: ({ text, position }) => {
    if (!/^\d{1,9}$/.test(text)) throw new QueryError(position, `${excerpt(text)} is no number of tasks`)
    return facts => facts.runningTasksCount - Number(text)
  },
}

const SUBJECTS: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ['agentConnected', agentConnected],
  ['agentVersion', agentVersion],
  ['ec2InstanceId', ec2InstanceId],
  ['registeredAt', registeredAt],
  ['runningTasksCount', runningTasksCount],
  ['task:group', taskGroup],
])
