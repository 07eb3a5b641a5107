import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventReader } from './event-stream.ts'
import { jsonLines } from './json-lines.ts'

const event = (Action: string, more: Record<string, string> = {}, ID = 'a') => ({
  Action,
  Actor: { ID, Attributes: { image: 'i', name: 'n', label: 'l', ...more } },
})

test("the engine's events in ours", () => {
  const read = eventReader()
  const changed = { type: 'changed', id: 'a', labels: { label: 'l' } }
  assert.deepEqual(read(event('start')), { ...changed, what: 'started' })
  assert.deepEqual(read(event('health_status: unhealthy')), { ...changed, what: 'health', health: 'UNHEALTHY' })
  assert.deepEqual(read(event('die', { exitCode: '3' })), { ...changed, what: 'died', exitCode: 3, oomKilled: false })
  assert.deepEqual(read(event('destroy')), { ...changed, what: 'removed' })
  assert.equal(read(event('exec_create: sh')), undefined)
})

test('out of memory is told with the death of that container, and of no other, once', () => {
  const read = eventReader()
  const oomKilled = (answer: ReturnType<typeof read>) => answer?.type === 'changed' && answer.oomKilled
  assert.equal(read(event('oom')), undefined)
  assert.equal(oomKilled(read(event('die', { exitCode: '137' }, 'b'))), false)
  assert.equal(oomKilled(read(event('die', { exitCode: '137' }))), true)
  assert.equal(oomKilled(read(event('die', { exitCode: '0' }))), false)
})

test('lines that come in pieces, split anywhere, even inside a character', async () => {
  const bytes = Buffer.from('{"a":"é"}\n\n{"b":2}\r\n{"c":3}')
  async function* pieces() {
    for (const byte of bytes) yield Buffer.from([byte])
  }
  const read: unknown[] = []
  for await (const line of jsonLines(pieces())) read.push(line)
  assert.deepEqual(read, [{ a: 'é' }, { b: 2 }, { c: 3 }])
})
