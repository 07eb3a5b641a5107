import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freeRun, localPorts, openHostPorts, socketPorts } from './host-ports.ts'

test('a run of free ports is the lowest one that is long enough', () => {
  const within = { first: 10, last: 20 }
  assert.equal(freeRun(3, within, new Set()), 10)
  assert.equal(freeRun(3, within, new Set([12, 13, 15])), 16)
  assert.equal(freeRun(2, within, new Set([12])), 10)
  assert.equal(freeRun(6, within, new Set([14])), 15)
  assert.equal(freeRun(7, within, new Set([14])), undefined)
})

test('two containers that are created at once get ports of their own, also when one starts between look and choice', async () => {
  const looks: (() => void)[] = []
  const ports = openHostPorts(
    () => new Promise(resolve => looks.push(() => resolve([100]))),
    async () => ({ first: 100, last: 105 }),
  )
  const look = () => looks.shift()?.()
  const range = [{ first: 80, last: 81, protocol: 'tcp' }] as const
  const one = ports.choose('one', range)
  look()
  assert.deepEqual(await one, [
    { containerPort: 80, hostPort: 101, protocol: 'tcp' },
    { containerPort: 81, hostPort: 102, protocol: 'tcp' },
  ])
  const two = ports.choose('two', range)
  ports.release('one')
  look()
  assert.deepEqual(
    (await two).map(({ hostPort }) => hostPort),
    [103, 104],
  )
  const three = ports.choose('three', [{ first: 80, last: 82, protocol: 'tcp' }])
  look()
  await assert.rejects(three, { code: 'CannotCreateContainerError', message: 'no 3 free host ports in a row' })
})

test('the ports of this host that a socket has are found', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  assert.ok((await socketPorts()).includes(address.port))
  const heading = '  sl  local_address rem_address   st\n'
  assert.deepEqual(
    localPorts(`${heading}   0: 0100007F:1F90 00000000:0000 0A 0\n  11: 00000000:0016 0100007F:ABCD 0A\n`),
    [8080, 22],
  )
})
