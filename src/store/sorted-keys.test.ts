import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { appendKey, insertKey, keysAfter, removeKey, sortedKeys } from './sorted-keys.ts'

const key = (n: number): string => n.toString().padStart(6, '0')

test('holds what a plain set holds, in order, through runs of inserts and removals', () => {
  // Runs rather than single keys: chunks have to fill, split, empty and merge.
  const run = fc.record({
    insert: fc.boolean(),
    from: fc.nat(5_000),
    length: fc.nat(1_500),
    step: fc.constantFrom(1, 1, 7, -1),
  })
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 12 }), fc.nat(6_000), (runs, after) => {
      const keys = sortedKeys()
      const model = new Set<string>()
      for (const { insert, from, length, step } of runs) {
        for (let i = 0; i < length; i++) {
          const one = key(Math.max(0, from + i * step))
          if (insert) {
            assert.equal(insertKey(keys, one), !model.has(one))
            model.add(one)
          } else {
            assert.equal(removeKey(keys, one), model.delete(one))
          }
        }
      }
      const sorted = [...model].sort()
      assert.equal(keys.size, sorted.length)
      assert.deepEqual([...keysAfter(() => keys, undefined)], sorted)
      assert.deepEqual(
        [...keysAfter(() => keys, key(after))],
        sorted.filter(one => one > key(after)),
      )
      assert.ok(keys.chunks.every(chunk => chunk.length > 0 && chunk.length <= 128))
      // Small neighbours are merged: the number of chunks stays in proportion to what is there.
      assert.ok(keys.chunks.length <= 1 + sorted.length / 16)
    }),
    { numRuns: 60 },
  )
})

test('appending in order gives what inserting gives', () => {
  const appended = sortedKeys()
  const inserted = sortedKeys()
  for (let n = 0; n < 2_000; n++) {
    appendKey(appended, key(n))
    insertKey(inserted, key(n))
  }
  assert.deepEqual(appended, inserted)
})

test('a reader goes on behind its last key whatever is written between two keys', () => {
  const edit = fc.record({ insert: fc.boolean(), at: fc.nat(2_000) })
  fc.assert(
    fc.property(fc.array(fc.array(edit, { maxLength: 4 }), { maxLength: 60 }), edits => {
      const keys = sortedKeys()
      for (let n = 0; n < 1_200; n += 2) insertKey(keys, key(n))
      const model = new Set(keysAfter(() => keys, undefined))
      let last = ''
      let turn = 0
      const reader = keysAfter(() => keys, undefined)
      for (;;) {
        const { value } = reader.next()
        const expected = [...model].filter(one => one > last).sort()[0]
        assert.equal(value, expected)
        if (value === undefined || turn >= edits.length) break
        last = value
        for (const { insert, at } of edits[turn++] ?? []) {
          if (insert) {
            insertKey(keys, key(at))
            model.add(key(at))
          } else {
            removeKey(keys, key(at))
            model.delete(key(at))
          }
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('an insert into 100,000 keys and the first page behind any key cost a few comparisons, not a sort', () => {
  const keys = sortedKeys()
  for (let n = 0; n < 200_000; n += 2) insertKey(keys, key(n))
  const started = process.cpuUsage()
  for (let n = 0; n < 20_000; n++) {
    const one = key((n * 7_919) % 200_000)
    if (!insertKey(keys, one)) removeKey(keys, one)
    const reader = keysAfter(() => keys, one)
    for (let taken = 0; taken < 10; taken++) reader.next()
  }
  const { user, system } = process.cpuUsage(started)
  const micros = (user + system) / 20_000
  // Of the processor, about 4; a sort of 100,000 keys takes 10,000.
  assert.ok(micros < 200, `${micros} µs`)
})
