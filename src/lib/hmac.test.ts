import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hmacSha256 } from './hmac.ts'

test('is what node:crypto makes of any key and text, and a key can be used again', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'grapheme' }), (key, text) => {
    const hmac = hmacSha256(key)
    const expected = createHmac('sha256', key).update(text).digest('hex')
    assert.equal(hmac(text), expected)
    assert.equal(hmac(text), expected)
  })
  fc.assert(property)
})
