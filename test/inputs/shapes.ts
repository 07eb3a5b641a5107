// Inputs that are nearly right: of the model's shapes, with what there really is named often enough to be found, and with wrong
// types, odd texts and numbers at the ends of their ranges now and then. Before: the properties in this folder.
import fc from 'fast-check'
import type { Member, Shape } from '../../src/aws/model/shape.ts'

/** By a member's name, what it would mean something to send. */
export type Hints = Readonly<Record<string, readonly unknown[]>>

type Json = fc.Arbitrary<unknown>

/** Lists and structures within each other; the model has some that hold themselves. */
const DEEPEST = 6

const ODD_TEXTS = [
  '',
  ' ',
  'a'.repeat(300),
  '__proto__',
  'constructor',
  'a:b:c',
  'arn:aws:ecs:',
  '../..',
  '\u0000',
  '\ud800',
  '😀',
  '*',
  '%',
  '-1',
]
export const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 2, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
)
const NUMBERS = [
  0,
  1,
  2,
  3,
  10,
  50,
  80,
  100,
  128,
  256,
  512,
  1024,
  8080,
  -1,
  65_535,
  65_536,
  2 ** 31 - 1,
  -(2 ** 31),
  1.5,
  1e12,
]
const numbers: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(...NUMBERS), fc.integer({ min: -10, max: 300 }))
const anything: Json = fc.oneof(
  fc.constantFrom(null, true, '', 'x', 7, 1e300, [], {}, [[]], [null], [{}], { a: { b: [] } }),
  fc.jsonValue({ maxDepth: 2 }),
)

export const inputsOf = (hints: Hints): ((shape: Shape) => Json) => {
  const known = new Map<string, Json>()
  const of = (shape: Shape, name: string, depth: number): Json =>
    fc.oneof({ weight: 40, arbitrary: right(shape, name, depth) }, { weight: 1, arbitrary: anything })

  const right = (shape: Shape, name: string, depth: number): Json => {
    switch (shape.kind) {
      case 'structure':
        return depth > DEEPEST ? fc.constant({}) : structure(shape, depth)
      case 'list':
        return list(of(shape.element.shape, name, depth + 1))
      case 'map':
        return fc.dictionary(texts, of(shape.value.shape, name, depth + 1), { maxKeys: 3 })
      case 'string':
        return text(
          shape.values,
          hints[name]?.filter(hint => typeof hint === 'string'),
        )
      case 'number':
        return hinted(
          numbers,
          hints[name]?.filter(hint => typeof hint === 'number'),
        )
      case 'boolean':
        return fc.boolean()
      case 'timestamp':
        return fc.constantFrom(0, 1_700_000_000, 1_700_000_000.5, 4e9, -1)
      default:
        return anything
    }
  }

  const structure = (shape: Shape & { kind: 'structure' }, depth: number): Json => {
    const key = `${shape.id} ${depth}`
    const made = known.get(key) ?? newStructure(shape, depth)
    known.set(key, made)
    return made
  }

  const newStructure = (shape: Shape & { kind: 'structure' }, depth: number): Json => {
    // Made when first chosen: a model is large.
    const arbitraries = new Map<Member, Json>()
    const memberOf = (member: Member): Json => {
      const made = arbitraries.get(member) ?? of(member.shape, member.name, depth + 1)
      arbitraries.set(member, made)
      return made
    }
    const needed = shape.members.filter(({ name }) => shape.required.includes(name) || NEEDED.has(name))
    const others = shape.members.filter(member => !needed.includes(member))
    return fc
      .tuple(
        fc.array(fc.nat(20), { minLength: needed.length, maxLength: needed.length }),
        fc.oneof(fc.constant([]), fc.subarray([...others], { maxLength: Math.min(others.length, 4) })),
      )
      .chain(([luck, more]) => {
        const members = [...needed.filter((_, at) => luck[at] !== 0), ...more]
        return fc.record(Object.fromEntries(members.map(member => [member.name, memberOf(member)])))
      })
  }
  return shape => right(shape, '', 0)
}

/** What the model does not require, but nothing comes of a request without it. */
const NEEDED: ReadonlySet<string> = new Set([
  ...['family', 'containerDefinitions', 'image', 'memory', 'taskDefinition', 'desiredCount', 'tasks', 'services'],
  ...['key', 'value', 'task', 'status', 'containerName', 'targetId', 'totalResources', 'type', 'integerValue'],
  ...['autoScalingGroupProvider', 'name'],
])

/** Seldom empty: most operations want something. */
const list = (element: Json): Json =>
  fc.oneof(
    { weight: 8, arbitrary: fc.array(element, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  )

const text = (values: readonly string[] | undefined, hints: readonly unknown[] | undefined): Json =>
  values && values.length > 0
    ? fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: texts })
    : hinted(texts, hints)

const hinted = (usual: Json, hints: readonly unknown[] | undefined): Json =>
  hints && hints.length > 0
    ? fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...hints) }, { weight: 1, arbitrary: usual })
    : usual
