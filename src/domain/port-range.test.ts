import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rangesOverlap, readPortRange, writePortRange } from './port-range.ts'

test('a range of ports is read as AWS writes it, and nothing else is one', () => {
  assert.deepEqual(readPortRange('80-90'), { first: 80, last: 90 })
  assert.deepEqual(readPortRange('1-65535'), { first: 1, last: 65_535 })
  for (const text of ['', '80', '80-', '80-80', '90-80', '0-5', '1-65536', '80-90-100', ' 80-90', '80:90', '-1-5'])
    assert.equal(readPortRange(text), undefined, text)
  assert.equal(writePortRange({ first: 80, last: 90 }), '80-90')
})

test('ranges overlap when they share a port', () => {
  assert.ok(rangesOverlap({ first: 80, last: 90 }, { first: 90, last: 91 }))
  assert.ok(rangesOverlap({ first: 80, last: 90 }, { first: 85, last: 85 }))
  assert.ok(!rangesOverlap({ first: 80, last: 90 }, { first: 91, last: 99 }))
})
