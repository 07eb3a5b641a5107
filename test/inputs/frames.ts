// Frames that are nearly messages of the agent link, for property tests: the types and members that readers look for, with values
// that fit, or do not.
import fc from 'fast-check'
import { texts } from './shapes.ts'

/** A value that is right for a member, or now and then anything else. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 25, arbitrary: right },
    { weight: 1, arbitrary: fc.constantFrom(null, true, '', 'x', 7, -1, 1e300, [], {}, [[]], [null], [{}], { a: [] }) },
  )

/** Members by name, each with 1 in 20 left out. */
export const record = (members: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.record(Object.fromEntries(Object.entries(members).map(([name, value]) => [name, mostly(value)]))),
      fc.constantFrom(...Object.keys(members), ...Array.from({ length: 19 }, () => '')),
    )
    .map(([whole, without]) => Object.fromEntries(Object.entries(whole).filter(([name]) => name !== without)))

export const list = (element: fc.Arbitrary<unknown>, maxLength = 3): fc.Arbitrary<unknown> =>
  fc.array(mostly(element), { maxLength })

/** The frame of a message, or something that is none. */
export const frameOf = (messages: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .constantFrom(...Object.entries(messages))
        .chain(([type, message]) => mostly(message).map(value => JSON.stringify({ type, message: value }))),
    },
    { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
    { weight: 1, arbitrary: texts },
    {
      weight: 1,
      arbitrary: fc.constantFrom('null', '7', '"a"', '[]', '{}', '{"type":7}', `${'['.repeat(5_000)}`, '1e999'),
    },
  )

export const numbers = fc.oneof(fc.constantFrom(0, 1, 2, 80, 8080, 65_535, 65_536, -1, 1.5, 1e15), fc.nat(100))
