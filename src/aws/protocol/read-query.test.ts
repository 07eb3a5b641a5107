import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryShapeSerializer } from '@aws-sdk/core/protocols'
import fc from 'fast-check'
import { stsService } from '../../services/sts/service.ts'
import { serviceModel } from '../model/service-model.ts'
import type { Shape } from '../model/shape.ts'
import { readQuery } from './read-query.ts'

const model = await serviceModel(stsService())

/** What the SDK's own client would send. */
const written = (operation: string, input: unknown): URLSearchParams => {
  const writer = new QueryShapeSerializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: false,
    xmlNamespace: '',
    serviceNamespace: '',
    serializeEmptyLists: true,
  } as never)
  writer.write(model.operation(operation).input, input)
  return new URLSearchParams(String(writer.flush()))
}

test('what the SDK writes is read back as it was', () => {
  const text = fc.string({ minLength: 1, maxLength: 20 })
  const tag = fc.record({ Key: text, Value: text }, { noNullPrototype: true })
  const input = fc.record(
    {
      RoleArn: text,
      RoleSessionName: text,
      DurationSeconds: fc.integer({ min: 0, max: 43_200 }),
      PolicyArns: fc.array(fc.record({ arn: text }, { noNullPrototype: true }), { minLength: 1, maxLength: 12 }),
      Tags: fc.array(tag, { maxLength: 12 }),
      TransitiveTagKeys: fc.array(text, { maxLength: 12 }),
    },
    { requiredKeys: ['RoleArn'], noNullPrototype: true },
  )
  fc.assert(
    fc.property(input, value => {
      const { inputShape } = model.operation('AssumeRole')
      assert.deepEqual(readQuery(inputShape, written('AssumeRole', value)), value)
    }),
  )
})

const shape: Shape = {
  kind: 'structure',
  id: 'test#Input',
  required: [],
  members: [
    { name: 'flat', wireName: 'Flat', shape: { kind: 'list', flat: true, element: member('string') } },
    {
      name: 'map',
      wireName: 'map',
      shape: { kind: 'map', flat: false, key: member('string', 'key'), value: member('boolean', 'value') },
    },
    { name: 'when', wireName: 'when', shape: { kind: 'timestamp' } },
    { name: 'bytes', wireName: 'bytes', shape: { kind: 'blob' } },
    { name: 'number', wireName: 'number', shape: { kind: 'number', type: 'Integer' } },
    { name: 'list', wireName: 'list', shape: { kind: 'list', flat: false, element: member('string') } },
  ],
}

function member(kind: 'string' | 'boolean', name = 'member') {
  const scalar: Shape = kind === 'string' ? { kind, values: undefined } : { kind }
  return { name, wireName: name, shape: scalar }
}

const read = (query: string): unknown => readQuery(shape, new URLSearchParams(query))

test('flat lists, maps, timestamps, blobs, empty lists, gaps and unknown fields', () => {
  assert.deepEqual(read('Flat.2=b&Flat.1=a&Flat.x=c&other=1'), { flat: ['a', 'b'] })
  assert.deepEqual(read('map.entry.1.key=a&map.entry.1.value=true&map.entry.2.key=b'), { map: { a: true } })
  assert.deepEqual(read('when=2026-02-28T12%3A00%3A00Z'), { when: new Date('2026-02-28T12:00:00Z') })
  assert.deepEqual(read('bytes=aGk%3D'), { bytes: Uint8Array.from(Buffer.from('hi')) })
  assert.deepEqual(read('list=&number=5'), { list: [], number: 5 })
  assert.deepEqual(read('list.member.10=j&list.member.9=i'), { list: ['i', 'j'] })
})

test('values of the wrong type are MalformedInput', () => {
  for (const query of ['number=five', 'number=1.5', 'number=', 'when=soon', 'map.entry.1.key=a&map.entry.1.value=1']) {
    assert.throws(() => read(query), { code: 'MalformedInput' }, query)
  }
})

test('too many or too deep fields are refused, anything else is read', () => {
  assert.throws(() => read('a=1&'.repeat(10_001)), { code: 'MalformedInput' })
  assert.throws(() => read(`list${'.member.1'.repeat(100)}=x`), { code: 'MalformedInput' })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-zA-Z0-9._]{0,20}$/), fc.string())), pairs => {
      try {
        assert.equal(typeof readQuery(shape, new URLSearchParams(pairs)), 'object')
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'MalformedInput')
      }
    }),
  )
})
