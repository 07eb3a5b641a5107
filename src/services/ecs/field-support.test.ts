import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accepted, honoured, only, refusalText, refused, unsupportedField, within } from './field-support.ts'

const fields = {
  open: honoured,
  kept: accepted('nothing reads it'),
  closed: refused('there is none'),
  kind: only('a', 'b'),
  minutes: only(0),
  list: within({ fine: honoured, never: refused() }),
}

const told = (given: object): string | undefined => {
  const found = unsupportedField(fields, given)
  return found && refusalText(found)
}

test('what asks for nothing passes, and what is honoured or accepted', () => {
  for (const closed of [undefined, null, false, '', [], {}, { a: [], b: {} }]) assert.equal(told({ closed }), undefined)
  assert.equal(told({ open: 1, kept: { a: 1 }, kind: 'b', minutes: 0, list: [{ fine: 1 }] }), undefined)
  assert.equal(told({ kind: ['a', 'b'], unheardOf: 1 }), undefined)
})

test('what is refused is named, with the value where another one passes', () => {
  assert.equal(told({ closed: true }), "Stowage does not support 'closed' yet: there is none.")
  assert.equal(told({ closed: 0 }), "Stowage does not support 'closed' yet: there is none.")
  assert.equal(told({ closed: [{}] }), "Stowage does not support 'closed' yet: there is none.")
  assert.equal(told({ kind: ['a', 'c'] }), "Stowage does not support 'kind' c yet, only a, b.")
  assert.equal(told({ minutes: 5 }), "Stowage does not support 'minutes' 5 yet, only 0.")
  assert.equal(told({ list: [{ fine: 1 }, { never: 'x' }] }), "Stowage does not support 'list.never' yet.")
  assert.equal(told({ list: { never: 'x' } }), "Stowage does not support 'list.never' yet.")
})

test("the first of the table's order is told, whatever the request's", () => {
  assert.match(told({ minutes: 5, kind: 'c', closed: 1 }) ?? '', /'closed'/)
})
