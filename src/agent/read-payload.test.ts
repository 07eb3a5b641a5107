import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTask } from './read-payload.ts'
import { awsvpcTask, container } from './test-host.ts'

test('associations are taken where they are GPUs', () => {
  const content = { value: '', encoding: 'base64' }
  const of = (type: string) => ({
    ...awsvpcTask('a1', [container('web', 'i')]),
    associations: [{ name: 'a', type, content, containers: ['web'] }],
  })
  assert.equal(readTask(of('gpu'))?.invalid, undefined)
  assert.match(
    readTask(of('elastic-inference'))?.invalid ?? '',
    /not supported: associations of type elastic-inference$/,
  )
})

test('an interface is taken as the host’s to give, and refused when it comes with an address', () => {
  const payload = awsvpcTask('a1', [container('web', 'i')])
  const read = readTask(payload)
  assert.equal(read?.invalid, undefined)
  assert.deepEqual(read?.payload.elasticNetworkInterfaces, payload.elasticNetworkInterfaces)
  const [known] = payload.elasticNetworkInterfaces ?? []
  const device = { ...payload, elasticNetworkInterfaces: [{ ...known, macAddress: '0e:10:00:00:00:01' }] }
  assert.match(readTask(device)?.invalid ?? '', /not supported: macAddress$/)
})
