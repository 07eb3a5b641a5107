import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../agent/api.ts'
import { asEngineError, EngineError } from '../runtime/docker/engine.ts'
import { startFailure } from './start-failure.ts'

const system = (code: string, message: string) => Object.assign(new Error(message), { code, syscall: 'connect' })

test('says whose right, whose answer or whose refusal it was', () => {
  const denied = asEngineError(system('EACCES', 'connect EACCES /var/run/docker.sock'))
  assert.equal(
    startFailure(denied),
    "no right to Docker's socket (connect EACCES /var/run/docker.sock): run this as root, or as a member of the socket's group",
  )
  assert.match(
    startFailure(new EngineError('Error response from daemon: no', { status: 500 })) ?? '',
    /^Docker Engine refuses/,
  )
  const no = new ApiError('ClusterNotFoundException', 'RegisterContainerInstance: Cluster not found.', 400)
  assert.equal(startFailure(no), 'the server refuses this host: RegisterContainerInstance: Cluster not found.')
  assert.equal(
    startFailure(system('EACCES', "EACCES: permission denied, open '/x'")),
    "EACCES: permission denied, open '/x'",
  )
})

test("a bug is nobody's to put right", () => {
  assert.equal(startFailure(new TypeError('x is undefined')), undefined)
  assert.equal(startFailure('text'), undefined)
})
