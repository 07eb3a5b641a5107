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

test('a task with a member of a wrong type is refused, and only that task', () => {
  const payload = awsvpcTask('a1', [container('web', 'i')])
  const wrong: readonly (readonly [change: object, member: string])[] = [
    [{ containers: {} }, 'containers'],
    [{ containers: [null] }, 'containers[0]'],
    [{ containers: [{ ...container('web', 'i'), command: ['a', 7] }] }, 'containers[0].command[1]'],
    [{ containers: [{ ...container('web', 'i'), environment: { A: [] } }] }, 'containers[0].environment.A'],
    [{ volumes: [{ name: 'data', host: 'x' }] }, 'volumes[0].host'],
    [{ overrides: {} }, 'overrides'],
    [{ cpu: '1' }, 'cpu'],
  ]
  for (const [change, member] of wrong) {
    const read = readTask({ ...payload, ...change })
    assert.equal(read?.invalid, `UnrecogniedTaskError: Error loading task - ${member} is of a wrong type`)
    assert.equal(read.payload.arn, payload.arn)
  }
  for (const arn of [7, {}, null, '']) assert.equal(readTask({ ...payload, arn }), undefined)
  assert.equal(readTask({ ...payload, volumes: null, pidMode: null, unheardOf: 7 })?.invalid, undefined)
})
