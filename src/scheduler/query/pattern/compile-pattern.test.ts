import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { QueryError } from '../query-error.ts'
import { compilePattern } from './compile-pattern.ts'

const fits = (text: string, value: string): boolean => compilePattern({ text, position: 1 })(value)

describe('patterns', () => {
  const table: readonly (readonly [pattern: string, fits: readonly string[], doesNot: readonly string[]])[] = [
    ['g2.*', ['g2', 'g2.8xlarge'], ['ag2', 'g1.small', '']],
    ['t2\\.small', ['t2.small'], ['t2xsmall']],
    ['green', ['green'], ['greenish', 'evergreen']],
    ['', [''], ['a']],
    ['a|b|', ['a', 'b', ''], ['ab']],
    ['(m5|c5)\\.(x?large)', ['m5.large', 'c5.xlarge'], ['m5.xxlarge', 'r5.large']],
    ['(?:ab)+', ['ab', 'abab'], ['', 'aba']],
    ['(?<name>a)b', ['ab'], ['b']],
    ['a{3}', ['aaa'], ['aa', 'aaaa']],
    ['a{2,}', ['aa', 'aaaaaa'], ['a']],
    ['a{1,3}', ['a', 'aaa'], ['', 'aaaa']],
    ['a{0}', [''], ['a']],
    ['a*?b+?c??', ['b', 'aabb', 'abc'], ['a', 'acc']],
    ['[a-c]x', ['ax', 'cx'], ['dx']],
    ['[^a-c]', ['d', 'é', '😀'], ['a', '']],
    ['[a-]', ['a', '-'], ['b']],
    ['[-a]', ['a', '-'], ['b']],
    ['[\\w-.]+', ['a-b.c_9'], ['a b']],
    ['[\\]\\[^]+', [']', '[^'], ['a']],
    ['[\\D4]', ['x', '4'], ['5']],
    ['i-[0-9a-f]{8}', ['i-abcd1234'], ['i-abcd123g', 'i-abcd12345']],
    ['\\d\\D\\w\\W\\s\\S', ['1a_- x'], ['aaaaaa']],
    ['\\h\\v', ['\t\n'], ['\n\t']],
    ['\\p{Alpha}\\p{Digit}\\P{Alpha}', ['a1-', 'Z09'], ['1a-', 'a1b']],
    ['[\\p{Upper}\\d]+', ['A1'], ['a1']],
    ['\\x41\\u0042\\x{1F600}', ['AB😀'], ['AB']],
    ['\\t\\.\\-\\/\\\\', ['\t.-/\\'], ['t.-/\\']],
    ['\\Qa.b*\\E+', ['a.b*', 'a.b**'], ['aab', 'a.b']],
    ['\\Qa.b', ['a.b'], ['axb']],
    ['^a$', ['a'], ['^a$']],
    ['\\Aa\\z', ['a'], ['ba']],
    ['a^b', [], ['ab', 'a^b']],
    ['(^a|b$)+', ['a', 'b', 'ab'], ['ba']],
    ['.', ['x', '😀'], ['\n', '\u2028', '']],
    ['(?s).', ['\n'], ['']],
    ['(?i)AbC', ['abc', 'ABC'], ['abd']],
    ['(?i)[^a-c]', ['d', 'D'], ['a', 'B']],
    ['(?i:a)b', ['Ab', 'ab'], ['AB']],
    ['((?i)a)b', ['Ab'], ['AB']],
    ['(?i)a(?-i)b', ['Ab'], ['AB']],
    ['(a*)*', ['', 'aaa'], ['b']],
    ['(a|)+b', ['b', 'aab'], ['a']],
    ['}]', ['}]'], ['']],
  ]
  for (const [pattern, does, doesNot] of table)
    test(`/${pattern}/`, () => {
      for (const value of does) assert.equal(fits(pattern, value), true, JSON.stringify(value))
      for (const value of doesNot) assert.equal(fits(pattern, value), false, JSON.stringify(value))
    })
})

describe('what is refused', () => {
  const table: readonly (readonly [pattern: string, position: number, rule: RegExp])[] = [
    ['*a', 1, /'\*' repeats nothing/],
    ['a|+', 3, /'\+' repeats nothing/],
    ['a**', 4, /repetition is repeated/],
    ['a{2}{3}', 8, /repetition is repeated/],
    ['a++', 3, /possessive/],
    ['a{2,1}', 2, /ends before it begins/],
    ['a{x}', 2, /'\{' is no repetition/],
    ['a{2', 2, /'\{' is no repetition/],
    ['a{1001}', 2, /at most 1000/],
    ['(a', 1, /not closed/],
    ['a)', 2, /closed that is not open/],
    ['[a', 1, /bracket is not closed/],
    ['[]', 2, /empty/],
    ['[b-a]', 3, /range of characters/],
    ['[a-\\d]', 3, /range of characters/],
    ['[a[b]]', 3, /classes within classes/],
    ['[a&&b]', 3, /intersections/],
    ['a\\', 2, /ends the pattern/],
    ['(a)\\1', 4, /\\1 is not supported/],
    ['\\bx', 1, /\\b is not supported/],
    ['\\q', 1, /\\q is not supported/],
    ['\\x4', 1, /character's number/],
    ['\\x{110000}', 1, /character's number/],
    ['\\p{Greek}', 1, /supported with Lower/],
    ['(?=a)', 2, /can follow '\('/],
    ['(?<!a)', 2, /can follow '\('/],
    ['(?>a)', 2, /can follow '\('/],
    ['(?x)a', 2, /can follow '\('/],
    ['a{501}', 1, /more than 500 steps/],
    ['((a{9}){9}){9}', 1, /more than 500 steps/],
    ['((){1000}){1000}', 1, /more than 500 steps/],
    [`${'('.repeat(52)}`, 52, /nest at most 50/],
  ]
  for (const [text, position, rule] of table)
    test(`/${text}/`, () =>
      assert.throws(
        () => compilePattern({ text, position: 1 }),
        error => {
          assert.ok(error instanceof QueryError)
          assert.match(error.message, rule)
          assert.equal(error.position, position, error.message)
          return true
        },
      ))
})

describe('properties', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '(?:ab|c)', '(a|b)', '(?:a*)', '$', '^', '1')
  const repeated = fc
    .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '*?'))
    .map(([part, times]) =>
      // Repeated anchors are read by Java and not by JavaScript.
      part === '$' || part === '^' ? part : part + times,
    )
  const pattern = fc
    .array(fc.array(repeated, { maxLength: 5 }), { minLength: 1, maxLength: 3 })
    .map(alternatives => alternatives.map(parts => parts.join('')).join('|'))
  const value = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1'), maxLength: 8 })

  test('what is read alike by JavaScript takes the same values', () => {
    fc.assert(
      fc.property(pattern, value, (text, given) =>
        assert.equal(fits(text, given), new RegExp(`^(?:${text})$`, 'u').test(given)),
      ),
      { numRuns: 5000 },
    )
  })

  test('any text is a pattern that answers, or a QueryError', () => {
    const characters = fc.constantFrom(...'ab1.*+?{}[]()|\\^$-,:<>=!&idswQEpx', '😀')
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 30 }), fc.string(), (text, given) => {
        try {
          assert.equal(typeof fits(text, given), 'boolean')
        } catch (error) {
          assert.ok(error instanceof QueryError, String(error))
          assert.ok(error.position >= 1 && error.position <= text.length + 1)
        }
      }),
      { numRuns: 5000 },
    )
  })

  // Each would take a backtracking matcher longer than the sun has left. The runner's own limit is what ends this test then.
  for (const text of ['(a+)+b', '(a|aa)+b', '(a*)*b', '(.*)(.*)(.*)(.*)(.*)b', '(a?){100}a{100}b'])
    test(`/${text}/ is over soon`, { timeout: 5000 }, () => {
      const pattern = compilePattern({ text, position: 1 })
      for (let length = 100; length < 2000; length += 100) assert.equal(pattern('a'.repeat(length)), false)
    })
})
