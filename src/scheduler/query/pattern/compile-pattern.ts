// Patterns for `=~` and `!~`: Java's syntax (parse-pattern.ts), and as with Java's `matches()` the whole value has to fit, so
// that `g2.*` takes `g2.8xlarge` and `g2` does not. A pattern becomes a small machine that is in all its possible states at
// once; a value is read once, from the left, so that no pattern can take longer than its steps times the value's length.
import { QueryError } from '../query-error.ts'
import type { Word } from '../scanner.ts'
import { type CharSet, contains } from './char-set.ts'
import { type Node, parsePattern } from './parse-pattern.ts'

type Step =
  | { readonly kind: 'set'; readonly takes: (code: number) => boolean }
  /** Goes on at each of these. */
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'begin' | 'end' | 'match' }

/** Far more than a pattern for an instance type or a zone has; few enough to go through for thousands of instances. */
const MAX_STEPS = 500

/** Values repeat: there are few instance types, zones and stacks. So many answers are remembered for one pattern. */
const REMEMBERED = 100
const LONGEST_REMEMBERED = 128

/** Throws QueryError for what Java would not read, or what is not supported. */
export const compilePattern = (pattern: Word): ((value: string) => boolean) => {
  const machine = machineOf(stepsOf(pattern))
  const remembered = new Map<string, boolean>()
  return value => {
    const known = remembered.get(value)
    if (known !== undefined) return known
    const answer = machine(value)
    if (value.length > LONGEST_REMEMBERED) return answer
    if (remembered.size >= REMEMBERED) remembered.clear()
    remembered.set(value, answer)
    return answer
  }
}

type Emitter = { readonly steps: Step[]; readonly pattern: Word; visits: number }

const stepsOf = (pattern: Word): readonly Step[] => {
  const emitter: Emitter = { steps: [], pattern, visits: 0 }
  emit(parsePattern(pattern), emitter)
  emitter.steps.push({ kind: 'match' })
  return emitter.steps
}

// Visits are counted besides steps: a part that makes no step, repeated, would be gone through without end.
const emit = (node: Node, emitter: Emitter): void => {
  const { steps, pattern } = emitter
  emitter.visits++
  if (steps.length >= MAX_STEPS || emitter.visits > 10 * MAX_STEPS)
    throw new QueryError(
      pattern.position,
      `the pattern has more than ${MAX_STEPS} steps with its repetitions written out`,
    )
  switch (node.kind) {
    case 'set':
      steps.push({ kind: 'set', takes: takesOf(node.set) })
      break
    case 'begin':
    case 'end':
      steps.push(node)
      break
    case 'sequence':
      for (const part of node.parts) emit(part, emitter)
      break
    case 'choice':
      emitChoice(node.parts, emitter)
      break
    case 'repeat':
      emitRepeat(node, emitter)
  }
}

const fork = ({ steps }: Emitter): number[] => {
  const to: number[] = []
  steps.push({ kind: 'fork', to })
  return to
}

const emitChoice = (parts: readonly Node[], emitter: Emitter): void => {
  const [only] = parts
  if (only && parts.length === 1) {
    emit(only, emitter)
    return
  }
  const entries = fork(emitter)
  const exits: number[][] = []
  for (const part of parts) {
    entries.push(emitter.steps.length)
    emit(part, emitter)
    exits.push(fork(emitter))
  }
  for (const exit of exits) exit.push(emitter.steps.length)
}

const emitRepeat = ({ part, least, most }: Extract<Node, { kind: 'repeat' }>, emitter: Emitter): void => {
  for (let count = 0; count < least; count++) emit(part, emitter)
  if (most === undefined) {
    const start = emitter.steps.length
    const again = fork(emitter)
    again.push(emitter.steps.length)
    emit(part, emitter)
    fork(emitter).push(start)
    again.push(emitter.steps.length)
    return
  }
  const skips: number[][] = []
  for (let count = least; count < most; count++) {
    const skip = fork(emitter)
    skip.push(emitter.steps.length)
    skips.push(skip)
    emit(part, emitter)
  }
  for (const skip of skips) skip.push(emitter.steps.length)
}

// What a set says of the characters that nearly all values have, worked out beforehand: a class may be long.
const takesOf = (set: CharSet): Extract<Step, { kind: 'set' }>['takes'] => {
  const known = tables.get(set) ?? Array.from({ length: 128 }, (_, code) => contains(set, code))
  tables.set(set, known)
  return code => known[code] ?? contains(set, code)
}

const tables = new WeakMap<CharSet, readonly boolean[]>()

const machineOf = (steps: readonly Step[]): ((value: string) => boolean) => {
  // The round in which a step was last reached; rounds go on from one value to the next, so nothing is ever cleared.
  const reachedIn = new Array<number>(steps.length).fill(0)
  const waiting: number[] = []
  let round = 0
  // Adds the step to `open`, and those that are reached from it without taking a character.
  const reach = (first: number, open: number[], begins: boolean, ends: boolean): void => {
    let index: number | undefined = first
    for (; index !== undefined; index = waiting.pop()) {
      if (reachedIn[index] === round) continue
      reachedIn[index] = round
      const step = steps[index]
      if (step?.kind === 'set') open.push(index)
      else if (step?.kind === 'fork') for (const to of step.to) waiting.push(to)
      else if ((step?.kind === 'begin' && begins) || (step?.kind === 'end' && ends)) waiting.push(index + 1)
    }
  }
  let open: number[] = []
  let next: number[] = []
  return value => {
    open.length = 0
    round++
    reach(0, open, true, value.length === 0)
    for (let at = 0; at < value.length; ) {
      const code = value.codePointAt(at) ?? 0
      at += code > 0xffff ? 2 : 1
      next.length = 0
      round++
      for (const index of open) {
        const step = steps[index]
        if (step?.kind === 'set' && step.takes(code)) reach(index + 1, next, false, at === value.length)
      }
      ;[open, next] = [next, open]
      // Nothing takes a further character, so that there must be none.
      if (open.length === 0 && at < value.length) return false
    }
    return reachedIn[steps.length - 1] === round
  }
}
