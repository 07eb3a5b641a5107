import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { compileQuery } from './compile-query.ts'
import type { InstanceFacts } from './instance-facts.ts'
import { QueryError } from './query-error.ts'

type Given = Partial<Omit<InstanceFacts, 'attributes' | 'hasTaskGroup' | 'taskGroups'>> & {
  readonly attributes?: Readonly<Record<string, string | undefined>>
  readonly groups?: readonly string[]
}

const instance = ({ attributes = {}, groups = [], ...given }: Given = {}): InstanceFacts => ({
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
  agentConnected: true,
  agentVersion: '1.94.0',
  ec2InstanceId: 'i-abcd1234',
  registeredAt: Date.UTC(2018, 5, 18, 22, 28, 28, 500),
  runningTasksCount: 1,
  hasTaskGroup: group => groups.includes(group),
  taskGroups: () => groups,
  ...given,
})

const small = instance({
  attributes: {
    'ecs.instance-type': 't2.small',
    'ecs.availability-zone': 'us-east-1a',
    stack: 'test',
    rank: '10',
    marked: undefined,
  },
  groups: ['service:production', 'family:job'],
})

const matches = (expression: string, facts = small): boolean => compileQuery(expression).matches(facts)

describe('the documented examples', () => {
  const table: readonly (readonly [expression: string, fits: InstanceFacts, doesNot: InstanceFacts])[] = [
    ['attribute:ecs.instance-type == t2.small', small, instance({ attributes: { 'ecs.instance-type': 't2.medium' } })],
    [
      'attribute:ecs.availability-zone in [us-east-1a, us-east-1b]',
      small,
      instance({ attributes: { 'ecs.availability-zone': 'us-east-1c' } }),
    ],
    [
      'attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d',
      instance({ attributes: { 'ecs.instance-type': 'g2.8xlarge', 'ecs.availability-zone': 'us-east-1a' } }),
      instance({ attributes: { 'ecs.instance-type': 'g2.8xlarge', 'ecs.availability-zone': 'us-east-1d' } }),
    ],
    ['task:group == service:production', small, instance({ groups: ['service:test'] })],
    ['not(task:group == database)', small, instance({ groups: ['service:web', 'database'] })],
    ['runningTasksCount == 1', small, instance({ runningTasksCount: 2 })],
    ['agentVersion < 1.14.5', instance({ agentVersion: '1.9.9' }), instance({ agentVersion: '1.14.5' })],
    ['registeredAt < 2018-02-13', instance({ registeredAt: Date.UTC(2018, 1, 12, 23, 59, 59, 999) }), small],
    ["ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", small, instance({ ec2InstanceId: 'i-00000000' })],
    ['attribute:stack == prod', instance({ attributes: { stack: 'prod' } }), small],
    ['attribute:stack != prod', small, instance({ attributes: { stack: 'prod' } })],
    [
      'attribute:ecs.instance-type in [t2.small, t2.medium]',
      small,
      instance({ attributes: { 'ecs.instance-type': 't3.small' } }),
    ],
    ['attribute:ecs.instance-type =~ t2.* and attribute:ecs.availability-zone == us-east-1a', small, instance()],
  ]
  for (const [expression, fits, doesNot] of table)
    test(expression, () => {
      assert.equal(matches(expression, fits), true)
      assert.equal(matches(expression, doesNot), false)
    })
})

describe('comparisons', () => {
  const holds: readonly (readonly [expression: string, answer: boolean])[] = [
    // Every operator by every name.
    ['attribute:stack equals test', true],
    ['attribute:stack not_equals test', false],
    ['attribute:rank > 9', true],
    ['attribute:rank greater_than 9', true],
    ['attribute:rank >= 10.0', true],
    ['attribute:rank greater_than_equal 11', false],
    ['attribute:rank < 9', false],
    ['attribute:rank less_than 100', true],
    ['attribute:rank <= 10', true],
    ['attribute:rank less_than_equal 9', false],
    ['attribute:stack > prod', true],
    ['attribute:stack exists', true],
    ['attribute:stack !exists', false],
    ['attribute:stack not_exists', false],
    ['attribute:other exists', false],
    ['attribute:other !exists', true],
    ['attribute:stack in [a,test]', true],
    ['attribute:stack !in [a,test]', false],
    ['attribute:stack not_in [ "a" , b ]', true],
    ['attribute:stack =~ te.t', true],
    ['attribute:stack matches te', false],
    ['attribute:stack !~ te', true],
    ['attribute:stack not_matches "(prod|test)"', false],
    // What an instance lacks fulfils no comparison, and so all of what `not` makes of them.
    ['attribute:other != test', false],
    ['attribute:other !in [test]', false],
    ['attribute:other !~ test', false],
    ['not attribute:other == test', true],
    // An attribute without a value is there, and empty.
    ['attribute:marked exists', true],
    ["attribute:marked == ''", true],
    // Of several groups any one will do.
    ['task:group != service:production', true],
    ['task:group in [a, family:job]', true],
    ['task:group =~ family:.*', true],
    ['task:group !~ ".*(production|job)"', false],
    ['task:group exists', true],
    ['agentConnected == true', true],
    ['agentConnected != true', false],
    ['agentConnected in [false]', false],
    ['agentConnected =~ t.*', true],
    ['ec2InstanceId =~ i-a.*', true],
    ['ec2InstanceId !~ i-a.*', false],
    ['agentVersion == 1.94', true],
    ['agentVersion >= v1.94.0', true],
    ['agentVersion > 1.94.0-rc.2', true],
    ['agentVersion != 1.94.0+build', false],
    ['agentVersion <= 1.100.0', true],
    // Seconds: what is behind them is not compared.
    ['registeredAt == 2018-06-18T22:28:28', true],
    ['registeredAt == 2018-06-18T22:28:28Z', true],
    ['registeredAt <= 2018-06-18T22:28:28+00:00', true],
    ['registeredAt == 2018-06-19T00:28:28+02:00', true],
    ['registeredAt >= 2018-06-18', true],
    ['registeredAt != 2018-06-18', true],
    ['runningTasksCount < 1', false],
    ['runningTasksCount <= 1', true],
    // Spaces are not needed around symbols, and any will do.
    ['attribute:stack==test', true],
    ['attribute:stack==test&&attribute:rank>=10', true],
    ['\tattribute:stack\n==\n"test" ', true],
  ]
  for (const [expression, answer] of holds) test(expression, () => assert.equal(matches(expression), answer))

  test('nothing is compared with a version or an id that is not there', () => {
    const bare = instance({ agentVersion: undefined, ec2InstanceId: undefined })
    for (const operator of ['==', '!=', '<', '>=']) assert.equal(matches(`agentVersion ${operator} 1.0`, bare), false)
    assert.equal(matches('agentVersion != 1.0', instance({ agentVersion: 'unknown' })), false)
    assert.equal(matches('ec2InstanceId != i-1', bare), false)
  })
})

describe('compound expressions', () => {
  const truth = (value: boolean): string => `agentConnected == ${value}`
  const [yes, no] = [truth(true), truth(false)]
  const table: readonly (readonly [expression: string, answer: boolean])[] = [
    [`${no} and ${no} or ${yes}`, true],
    [`${no} and (${no} or ${yes})`, false],
    [`${yes} or ${no} and ${no}`, true],
    [`(${yes} or ${no}) && ${no}`, false],
    [`not ${no} and ${yes}`, true],
    [`!${no} || ${no}`, true],
    [`not(not(${yes}))`, true],
    [`!!!${yes}`, false],
    [`((${yes}))`, true],
    [`(${yes})and(${yes})`, true],
  ]
  for (const [expression, answer] of table) test(expression, () => assert.equal(matches(expression), answer))
})

describe('what is no expression', () => {
  const table: readonly (readonly [expression: string, position: number, rule: RegExp])[] = [
    ['', 1, /expected a subject, found the end/],
    ['  ', 3, /expected a subject/],
    ['stack == prod', 1, /'stack' is no subject; subjects are agentConnected, .*attribute:<name>/],
    ['attribute == prod', 1, /no subject/],
    ['attribute: == prod', 1, /name has 1 to 128/],
    [`attribute:${'a'.repeat(129)} exists`, 1, /name has 1 to 128/],
    ['attribute:stack', 16, /expected an operator after 'attribute:stack', found the end/],
    ['attribute:stack = prod', 17, /expected an operator .* found '='/],
    ['attribute:stack ==', 19, /expected an argument for '=='/],
    ['attribute:stack == prod prod', 25, /expected 'and', 'or' or the end, found 'prod'/],
    ['attribute:stack == prod and', 28, /expected a subject/],
    ['attribute:stack exists yes', 24, /expected 'and'/],
    ["attribute:stack == 'prod", 20, /quote ' is not closed/],
    ['attribute:stack in prod', 20, /list in brackets/],
    ['attribute:stack in []', 21, /item of the list/],
    ['attribute:stack in [a b]', 23, /',' or '\]'/],
    ['attribute:stack in [a,', 23, /item of the list/],
    ['attribute:stack inside [a]', 17, /expected an operator/],
    ['(attribute:stack == prod', 25, /or '\)'/],
    ['attribute:stack == prod)', 24, /the end, found '\)'/],
    ['attribute:stack =~ (a|b)', 20, /in quotes if it has parentheses/],
    ['attribute:stack =~ "(a|b"', 21, /parenthesis is not closed/],
    ['runningTasksCount exists', 19, /does not take 'exists', only == != > >= < <=/],
    ['ec2InstanceId > i-1', 15, /does not take '>'/],
    ['task:group >= a', 12, /does not take '>='/],
    ['agentVersion in [1.0]', 14, /does not take 'in'/],
    ['runningTasksCount == many', 22, /'many' is no number/],
    ['runningTasksCount == -1', 22, /no number/],
    ['agentVersion == latest', 17, /'latest' is no version/],
    ['agentConnected == yes', 19, /true or false/],
    ['agentConnected in [true, no]', 26, /true or false/],
    ...['2018-02-30', '2018-2-1', '2018-06-18 22:28:28', '2018-06-18T24:00:00', '2018-06-18T22:28:28+15:00', 'now'].map(
      date => [`registeredAt < '${date}'`, 17, /no date/] as const,
    ),
    [`attribute:a == ${'b'.repeat(1986)}`, 2001, /at most 2000 characters/],
    [`${'('.repeat(51)}agentConnected == true`, 52, /nest at most 50/],
    [`${'!'.repeat(51)}agentConnected == true`, 52, /nest at most 50/],
  ]
  for (const [expression, position, rule] of table)
    test(expression.length > 60 ? `${expression.slice(0, 60)}...` : expression, () =>
      assert.throws(
        () => compileQuery(expression),
        error => {
          assert.ok(error instanceof QueryError)
          assert.equal(error.position, position, error.message)
          assert.match(error.message, rule)
          return true
        },
      ),
    )
})

describe('queries', () => {
  test('know whether they ask for tasks', () => {
    assert.equal(compileQuery('attribute:task exists').dependsOnTasks, false)
    assert.equal(compileQuery('agentConnected == true or not(task:group == a)').dependsOnTasks, true)
    assert.equal(compileQuery('runningTasksCount < 3 and agentConnected == true').dependsOnTasks, true)
  })

  test('are compiled once, and not all kept', () => {
    const first = compileQuery('attribute:kept == 0')
    assert.equal(compileQuery('attribute:kept == 0'), first)
    for (let at = 1; at < 10_000; at++) compileQuery(`attribute:kept == ${at}`)
    assert.notEqual(compileQuery('attribute:kept == 0'), first)
  })

  test('only ask for what they compare', () => {
    const refuse = (): never => assert.fail('not asked for')
    const facts: InstanceFacts = {
      ...small,
      hasTaskGroup: refuse,
      taskGroups: refuse,
      get runningTasksCount() {
        return refuse()
      },
    }
    assert.equal(matches('attribute:stack == test or runningTasksCount == 1 or task:group exists', facts), true)
    assert.equal(matches('attribute:stack == other and task:group == a', facts), false)
    assert.equal(matches('task:group == family:job', { ...small, taskGroups: refuse }), true)
  })
})

describe('properties', () => {
  const facts = fc.record({
    agentConnected: fc.boolean(),
    agentVersion: fc.option(fc.constantFrom('1.0.0', '1.14.5', '2', '1.0.0-a.1', 'x'), { nil: undefined }),
    ec2InstanceId: fc.option(fc.string(), { nil: undefined }),
    registeredAt: fc.integer({ min: 0, max: 4e12 }),
    runningTasksCount: fc.nat(5),
    attributes: fc.dictionary(fc.constantFrom('a', 'b', 'ecs.os-type'), fc.option(fc.string(), { nil: undefined })),
    groups: fc.array(fc.string(), { maxLength: 3 }),
  })
  const words = fc.constantFrom(
    ...[
      'attribute:a',
      'attribute:b',
      'task:group',
      'agentVersion',
      'registeredAt',
      'runningTasksCount',
      'agentConnected',
    ],
    ...[
      '==',
      '!=',
      '<',
      '>=',
      'in',
      '!in',
      '=~',
      '!~',
      'exists',
      '!exists',
      'and',
      '||',
      'not',
      '!',
      '(',
      ')',
      '[',
      ']',
      ',',
    ],
    ...['a', '1', '1.2', 'true', '2018-06-18', "'x y'", '"', '.*', '(a+)+', '\\d{2}', '[a-z]+'],
  )
  const likely = fc.array(words, { maxLength: 12 }).map(list => list.join(' '))

  test('any text is an expression that answers, or a QueryError', () => {
    const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }), likely)
    fc.assert(
      fc.property(text, facts, (expression, given) => {
        const query = compiled(expression)
        if (query) assert.equal(typeof query.matches(instance(given)), 'boolean')
      }),
      { numRuns: 1500 },
    )
  })

  const compiled = (expression: string) => {
    try {
      return compileQuery(expression)
    } catch (error) {
      assert.ok(error instanceof QueryError)
      assert.ok(error.position >= 1 && error.position <= expression.length + 1)
      return undefined
    }
  }

  const comparison = fc.constantFrom(
    'attribute:a == x',
    'attribute:a != x',
    'attribute:a exists',
    'attribute:b =~ ".*(a|b)"',
    'task:group == g',
    'task:group != g',
    'runningTasksCount > 2',
    'agentVersion < 1.14.5',
    'registeredAt >= 2030-01-01',
    'agentConnected == true',
  )

  test('and, or and not mean what they mean in logic, however they are written', () => {
    fc.assert(
      fc.property(comparison, comparison, comparison, facts, (a, b, c, given) => {
        const one = instance(given)
        const [p, q, r] = [a, b, c].map(part => matches(part, one))
        assert.equal(matches(`${a} and ${b} or ${c}`, one), (p && q) || r)
        assert.equal(matches(`${a} && (${b} || ${c})`, one), p && (q || r))
        assert.equal(matches(`not(${a} and ${b})`, one), matches(`!${a} or not ${b}`, one))
      }),
    )
  })
})
