// Bytes that nobody meant: as bodies of every protocol, as signatures, as page tokens and as expressions of the cluster query
// language. What reads them ends in time, with an error that is AWS's, or with what it read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { authenticator } from '../../src/aws/authenticate.ts'
import { AwsError } from '../../src/aws/error.ts'
import type { HttpRequest } from '../../src/aws/http-request.ts'
import { startOfPage } from '../../src/aws/paging.ts'
import { testClock } from '../../src/lib/clock.ts'
import { compileQuery } from '../../src/scheduler/query/compile-query.ts'
import type { InstanceFacts } from '../../src/scheduler/query/instance-facts.ts'
import { QueryError } from '../../src/scheduler/query/query-error.ts'
import { everyInput } from './budget.ts'
import { builtOperations, makePlane, PROTOCOLS } from './plane.ts'
import { texts } from './shapes.ts'

const plane = await makePlane()
const built = await builtOperations(plane)
await plane.store.close()

const requestWith = (body: Buffer, headers: Readonly<Record<string, string>> = {}, query = ''): HttpRequest => ({
  method: 'POST',
  path: '/',
  query,
  headers: new Map(Object.entries(headers)),
  body,
})

/** Only what AWS would say. */
const saysAwsError = (run: () => unknown): void => {
  try {
    run()
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
  }
}

const bodies: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
  fc.json().map(text => Buffer.from(text)),
  // A whole one, cut or with a byte changed.
  fc.tuple(fc.json(), fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
    const bytes = Buffer.from(text)
    if (bytes.length > 0) bytes[at % bytes.length] = byte
    return byte % 2 ? bytes : bytes.subarray(0, at % (bytes.length + 1))
  }),
  fc.constantFrom('[', '{"a":', '1e999', '{"__proto__":{"a":1}}').map(text => Buffer.from(text.repeat(300))),
  fc
    .array(fc.tuple(formNames(), texts), { maxLength: 8 })
    .map(fields => Buffer.from(new URLSearchParams(fields).toString())),
)

function formNames(): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    'Tags',
    'member',
    'Filter',
    'item',
    '1',
    '2',
    '999999999',
    'Key',
    'Name',
    'Value',
    'entry',
    '',
    '__proto__',
  )
  return fc.array(part, { minLength: 1, maxLength: 40 }).map(parts => parts.join('.'))
}

test('bodies, of every protocol', () => {
  everyInput(0.2, fc.record({ at: fc.nat(built.length - 1), body: bodies }), ({ at, body }) => {
    const { service, model, operation } = built[at] ?? assert.fail()
    const protocol = PROTOCOLS[service.protocol]
    saysAwsError(() => protocol.operationName(requestWith(body, { 'x-amz-target': body.toString('latin1') }), service))
    saysAwsError(() => protocol.decode(requestWith(body), model.operation(operation)))
  })
})

test('signatures, in headers and queries', () => {
  const lookup = () => ({ secretAccessKey: 'secret', caller: { accountId: '0', arn: 'a', userId: '0' } })
  const authenticate = authenticator({ lookup, clock: testClock() })
  const fields = fc.constantFrom(
    ...[
      'AWS4-HMAC-SHA256 ',
      'Credential=',
      'AKIA/20251009/us-east-1/ecs/aws4_request',
      'SignedHeaders=',
      'host;x-amz-date',
    ],
    ...['Signature=', 'f'.repeat(64), ', ', ' ', '=', '/', 'AWS4-ECDSA-P256-SHA256', '%'],
  )
  const headers = fc.array(fc.oneof(fields, texts), { maxLength: 12 }).map(parts => parts.join(''))
  const dates = fc.oneof(fc.constantFrom('20251009T085320Z', '20259999T999999Z', ''), texts)
  const names = fc.constantFrom(
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Signature',
    'X-Amz-Expires',
    'X-Amz-Date',
    '%',
  )
  const query = fc
    .array(fc.tuple(names, headers), { maxLength: 6 })
    .map(pairs => pairs.map(pair => pair.join('=')).join('&'))
  const dialects = fc.constantFrom('json', 'query', 'ec2')
  everyInput(0.1, fc.record({ headers, dates, query, dialect: dialects, header: fc.boolean() }), input => {
    const given = input.header ? { authorization: input.headers, 'x-amz-date': input.dates, host: 'a' } : { host: 'a' }
    assert.throws(() => authenticate(requestWith(Buffer.from(''), given, input.query), input.dialect), AwsError)
  })
})

test('page tokens', () => {
  const tokens = fc.oneof(
    texts,
    fc.base64String(),
    fc.json().map(text => Buffer.from(text).toString('base64url')),
  )
  everyInput(0.02, tokens, token => saysAwsError(() => startOfPage('query', token)))
})

test('expressions of the cluster query language', () => {
  const words = fc.constantFrom(
    ...[
      'attribute:stack',
      'agentConnected',
      'ec2InstanceId',
      'agentVersion',
      'registeredAt',
      'runningTasksCount',
      'task:group',
    ],
    ...[
      '==',
      '!=',
      '>',
      '<=',
      'exists',
      '!exists',
      'in',
      '!in',
      '=~',
      '!~',
      'matches',
      'not_in',
      'and',
      'or',
      'not',
      '&&',
      '||',
      '!',
    ],
    ...[
      '(',
      ')',
      '[',
      ']',
      ',',
      "'",
      '"',
      'prod',
      'true',
      '1.2.3',
      '2018-06-18',
      '2018-06-18T22:28:28+00:00',
      '7',
      '-1',
    ],
    ...[
      '(a+)+b',
      '(a|a)*c',
      '.*.*.*x',
      '[^a-z]{2,9}',
      '\\p{L}+',
      '(?=a)',
      'a{1000}',
      '((((a{9}){9}){9}){9})',
      '\\',
      '[[:alpha:]]',
    ],
  )
  const likely = fc.array(words, { maxLength: 16 }).map(parts => parts.join(' '))
  const nested = fc
    .tuple(fc.nat(2_000), fc.constantFrom('(', '!', 'not ', '['))
    .map(([depth, part]) => part.repeat(depth))
  const expressions = fc.oneof(
    { weight: 8, arbitrary: likely },
    { weight: 1, arbitrary: nested },
    { weight: 2, arbitrary: texts },
    { weight: 2, arbitrary: texts.map(text => `attribute:stack =~ '${text}'`) },
  )
  const hay = fc.constantFrom(`${'a'.repeat(200)}!`, 'prod', '', '1.14.5', '😀')
  everyInput(0.08, fc.tuple(expressions, hay), ([expression, text]) => {
    const facts: InstanceFacts = {
      agentConnected: true,
      agentVersion: text,
      ec2InstanceId: text,
      registeredAt: 0,
      runningTasksCount: 1,
      attributes: [{ name: 'stack', value: text }],
      hasTaskGroup: group => group === text,
      taskGroups: () => [text],
    }
    try {
      assert.equal(typeof compileQuery(expression).matches(facts), 'boolean')
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
    }
  })
})
