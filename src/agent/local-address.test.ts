import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { localAddressTowards } from './local-address.ts'

test('towards loopback it is 127.0.0.1, whatever the name', async () => {
  for (const endpoint of ['http://127.0.0.1:7700', 'http://127.0.0.2', 'http://localhost:7700', 'http://[::1]:7700'])
    assert.equal(await localAddressTowards(new URL(endpoint)), '127.0.0.1')
})

test('towards an own address it is that address', async t => {
  const own = Object.values(networkInterfaces())
    .flat()
    .find(one => one && !one.internal && one.family === 'IPv4')
  if (!own) return t.skip('this machine has loopback alone')
  assert.equal(await localAddressTowards(new URL(`http://${own.address}:7700`)), own.address)
})

test('it rejects where there is no way', async () => {
  await assert.rejects(localAddressTowards(new URL('http://does-not-exist.invalid')))
})
