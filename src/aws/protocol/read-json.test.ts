import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HttpRequest } from '../http-request.ts'
import { serviceModel } from '../model/service-model.ts'
import { ecsWith } from '../test-gateway.ts'
import { awsJson } from './aws-json.ts'

const model = await serviceModel(ecsWith({}))
const protocol = awsJson('1.1')

const requestOf = (body: string | Uint8Array): HttpRequest => ({
  method: 'POST',
  path: '/',
  query: '',
  headers: new Map(),
  body: Buffer.from(body),
})

const decode = (operation: string, body: unknown): unknown =>
  protocol.decode(requestOf(JSON.stringify(body)), model.operation(operation))

const refused = (operation: string, body: unknown, message: string): void =>
  assert.throws(() => decode(operation, body), { name: 'AwsError', code: 'SerializationException', message })

test('wrong types are answered in ECS front-end words', () => {
  refused('CreateService', { desiredCount: '2' }, 'STRING_VALUE cannot be converted to Integer')
  refused('CreateService', { desiredCount: true }, 'TRUE_VALUE cannot be converted to Integer')
  refused('CreateService', { desiredCount: 2 ** 40 }, 'NUMBER_VALUE cannot be converted to Integer')
  refused('CreateService', { serviceName: 5 }, 'NUMBER_VALUE cannot be converted to String')
  refused('CreateService', { serviceName: 5.5 }, 'DECIMAL_VALUE cannot be converted to String')
  refused('CreateService', { serviceName: {} }, 'Start of structure or map found where not expected')
  refused('CreateService', { serviceName: [] }, 'Unrecognized collection type class java.lang.String')
  refused('CreateService', { enableExecuteCommand: 'true' }, 'STRING_VALUE cannot be converted to Boolean')
  refused('CreateService', { loadBalancers: {} }, 'Start of structure or map found where not expected')
  refused('CreateService', { loadBalancers: 'x' }, 'Unexpected field type')
  refused('CreateService', { loadBalancers: [[]] }, 'Unrecognized collection type class com.amazonaws.ecs.LoadBalancer')
  refused('CreateService', { networkConfiguration: 5 }, 'Unexpected field type')
  refused('CreateService', [], 'Unrecognized collection type class com.amazonaws.ecs.CreateServiceRequest')
  refused('CreateService', 'x', 'Unexpected field type')
  refused('SubmitTaskStateChange', { executionStoppedAt: 'now' }, 'STRING_VALUE cannot be converted to Date')
  refused(
    'RegisterTaskDefinition',
    { containerDefinitions: [{ dockerLabels: { a: 1 } }] },
    'NUMBER_VALUE cannot be converted to String',
  )
})

test('a body that is not JSON, or not UTF-8, is refused', () => {
  for (const body of ['{', 'undefined', '{"a":}', '\u0000', Uint8Array.of(0x22, 0xff, 0x22)]) {
    assert.throws(() => protocol.decode(requestOf(body), model.operation('ListTasks')), {
      code: 'SerializationException',
    })
  }
})

test('unknown members fall away, nulls count as absent, nulls leave lists, integers lose fractions', () => {
  const input = {
    __type: 'com.amazonaws.ecs#CreateServiceRequest',
    serviceName: 'web',
    unheardOf: { a: 1 },
    taskDefinition: null,
    desiredCount: 2.9,
    tags: [{ key: 'a', value: 'b', more: 1 }, null],
  }
  assert.deepEqual(decode('CreateService', input), {
    serviceName: 'web',
    desiredCount: 2,
    tags: [{ key: 'a', value: 'b' }],
  })
  assert.deepEqual(decode('CreateTaskSet', { scale: { value: 33.5 } }), { scale: { value: 33.5 } })
  assert.deepEqual(protocol.decode(requestOf(''), model.operation('ListTasks')), {})
  assert.deepEqual(decode('ListTasks', null), {})
})

test('timestamps come in as dates', () => {
  assert.deepEqual(decode('SubmitTaskStateChange', { pullStartedAt: 1557119253.821 }), {
    pullStartedAt: new Date(1557119253821),
  })
})

test('no body makes the decoder crash', () => {
  const operations = ['RegisterTaskDefinition', 'CreateService', 'RunTask', 'SubmitTaskStateChange'].map(
    model.operation,
  )
  const member = fc.constantFrom(
    'containerDefinitions',
    'environment',
    'tags',
    'overrides',
    'networkConfiguration',
    'name',
    'cpu',
    '__proto__',
    '__type',
    'constructor',
  )
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue({ maxDepth: 2 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(member, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map(text => Buffer.from(text)),
    tree.map(value => Buffer.from(JSON.stringify(value) ?? '')),
  )
  fc.assert(
    fc.property(body, fc.constantFrom(...operations), (bytes, operation) => {
      try {
        assert.equal(typeof protocol.decode(requestOf(bytes), operation), 'object')
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'SerializationException')
      }
    }),
    { numRuns: 1000 },
  )
})

test('a body nested a hundred thousand deep is answered', () => {
  const deep = `{"containerDefinitions":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  assert.throws(() => protocol.decode(requestOf(deep), model.operation('RegisterTaskDefinition')), {
    code: 'SerializationException',
  })
})
