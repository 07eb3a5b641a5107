import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packBatch, packRows, unpackRows } from './packed-rows.ts'

test('rows come out as they went in', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 })
  const row = fc.record(
    { table: fc.constantFrom('a', 'b', 'c'), key: text, json: fc.option(text, { nil: undefined }) },
    { noNullPrototype: true },
  )
  fc.assert(fc.property(fc.array(row), rows => assert.deepEqual([...unpackRows(packRows(rows))], rows)))
})

test('a batch is packed as JSON, deletions without', () => {
  const batch = new Map([
    [
      't',
      new Map<string, unknown>([
        ['k', { n: 1 }],
        ['gone', undefined],
      ]),
    ],
  ])
  assert.deepEqual(
    [...unpackRows(packBatch(batch))],
    [
      { table: 't', key: 'k', json: '{"n":1}' },
      { table: 't', key: 'gone', json: undefined },
    ],
  )
  assert.throws(() => packBatch(new Map([['t', new Map([['k', () => 1]])]])), /has no JSON form/)
})
