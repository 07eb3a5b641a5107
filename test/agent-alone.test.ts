// The agent as a process of its own, with nobody left to talk to: it must still be there when they come back. The container engine
// is a socket that answers as an empty one does; the real one cannot be taken away from the other tests.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testPeer } from '../src/agent/test-peer.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

const INFO = { NCPU: 2, MemTotal: 2 ** 31, ServerVersion: '20.10.24', Architecture: 'x86_64', Plugins: { Volume: [] } }

const emptyEngine = async (socket: string): Promise<Server> => {
  const answers: Readonly<Record<string, unknown>> = { info: INFO, 'containers/json': [], volumes: { Volumes: [] } }
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/(v[\d.]+\/)?/, '').replace(/\?.*$/, '')
    response.writeHead(200, { 'content-type': 'application/json' })
    // Events never end by themselves.
    if (path === 'events') response.flushHeaders()
    else response.end(JSON.stringify(answers[path] ?? {}))
  })
  server.listen(socket)
  await once(server, 'listening')
  return server
}

/** Resolves with the first line that says so; rejects when the process ends before. */
const logged = (child: ChildProcess, says: (line: string) => boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    assert.ok(child.stderr)
    const lines = createInterface({ input: child.stderr })
    lines.on('line', line => says(line) && resolve(line))
    child.once('exit', code => reject(new Error(`the agent ended, with ${code}`)))
  })

test('an agent without a server and without a container engine goes on, and is back when they are', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'stowage-alone-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const socket = join(dir, 'engine.sock')
  const engine = await emptyEngine(socket)
  const peer = await testPeer()
  const port = Number(new URL(peer.endpoint).port)
  const arguments_ = ['agent', '--endpoint', peer.endpoint, '--data', join(dir, 'agent'), '--log-level', 'debug']
  const child = spawn(process.execPath, [MAIN, ...arguments_], {
    env: { ...process.env, DOCKER_HOST: `unix://${socket}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  await peer.until(() => (peer.upgrades.length === 2 ? true : undefined))

  engine.closeAllConnections()
  engine.close()
  await peer.close()
  // The second try and what follows it: nothing but timers is left between two of them.
  await logged(child, line => line.includes('ECONNREFUSED') && line.includes('"link":"ACS"'))
  await logged(child, line => line.includes('ECONNREFUSED') && line.includes('"link":"ACS"'))

  const again = await testPeer(port)
  t.after(() => again.close())
  const back = again.until(() => (again.upgrades.length > 0 ? true : undefined))
  await Promise.race([back, once(child, 'exit')])
  assert.equal(child.exitCode, null)
})
