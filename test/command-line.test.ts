// The command as it is typed: what it says when it cannot do its work. One line or two on standard error that name the thing, exit
// code 1, and no stack: that is for bugs.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'

const MAIN = resolve(import.meta.dirname, '../src/main.ts')
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'secret' }

let folder: string
const server = createServer((_request, response) => {
  response.statusCode = 400
  response.end(
    '{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}',
  )
})
let taken = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-command-'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  taken = (server.address() as AddressInfo).port
})
after(async () => {
  server.close()
  server.closeAllConnections()
  await rm(folder, { recursive: true })
})

const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: folder }
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { ...inherited, ...env },
  })
}

const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = start(args, env)
  const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, errors, code }
}

const refused = async (says: RegExp, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { errors, code } = await run(args, env)
  assert.match(errors, says)
  assert.doesNotMatch(errors, /\n {4}at /, 'a stack')
  assert.equal(code, 1)
}

const up = (data: string, ...more: string[]): string[] => ['up', '--data', join(folder, data), '--port', '0', ...more]

test('without Docker it says where it looked and how to name another socket', async () => {
  const missing = join(folder, 'nope.sock')
  await refused(
    /^stowage: Docker Engine does not answer \(connect ENOENT \/.*nope\.sock\): start it, or say with DOCKER_HOST=unix:\/\/\/path where/,
    up('a'),
    { DOCKER_HOST: `unix://${missing}` },
  )
  await refused(/^stowage: DOCKER_HOST is tcp:\/\/x; only unix:\/\/ sockets are supported$/m, up('a'), {
    DOCKER_HOST: 'tcp://x',
  })
})

test('an address or a port that it cannot have', async () => {
  const here = ['server', '--data', join(folder, 'b')]
  await refused(/^stowage: port \d+ on 127\.0\.0\.1 is in use; choose another with --port$/m, [
    ...here,
    '--port',
    `${taken}`,
  ])
  await refused(
    /^stowage: cannot listen on 192\.0\.2\.1 \(.*EADDRNOTAVAIL.*\); give --bind an address of this host$/m,
    [...here, '--port', '0', '--bind', '192.0.2.1'],
  )
})

test('a data directory that cannot be one, and a key pair that is none', async () => {
  await writeFile(join(folder, 'file'), '')
  await refused(/^stowage: the data directory cannot be made \(E.*file'\); choose another with --data$/m, up('file'))
  await writeFile(join(folder, 'root-credentials.json'), '{bad')
  await refused(/root-credentials\.json is not a key pair: put it back/, up('.'))
  await refused(/root-credentials\.json is not a key pair/, ['profile', 'write', '--data', folder])
  await refused(/^stowage: cannot read the root key pair/, ['profile', 'write', '--data', join(folder, 'none')])
})

test('a second process on the same data directory, and another account', async () => {
  const first = start(up('one', '--runtime', 'fake'))
  try {
    // The second line: the host has registered by then, into the cluster default.
    for await (const line of createInterface(first.stdout)) if (line.includes('container instance')) break
    await refused(/state\.db: another process has it open\. Stop that one, or use another data directory/, up('one'))
  } finally {
    first.kill('SIGINT')
    assert.deepEqual(await once(first, 'exit'), [0, null])
  }
  // Without its account all that is there would seem to be gone.
  const other = up('one', '--account-id', '111111111111')
  await refused(/^stowage: the data in .* is of account 000000000000: give --account-id 000000000000, or/, other)
})

test('an agent says who refused it', async () => {
  const agent = ['agent', '--data', join(folder, 'agent')]
  await refused(/^error: required option '--endpoint <url>' not specified/, agent)
  await refused(/'127\.0\.0\.1:7700' is invalid\. It must be a URL: http:\/\/host:port/, [
    ...agent,
    '--endpoint',
    '127.0.0.1:7700',
  ])
  await refused(/^stowage: set AWS_ACCESS_KEY_ID/, [...agent, '--endpoint', `http://127.0.0.1:${taken}`])
  const nobody = { ...KEYS, DOCKER_HOST: `unix://${join(folder, 'nope.sock')}` }
  await refused(
    /^stowage: Docker Engine does not answer/,
    [...agent, '--endpoint', `http://127.0.0.1:${taken}`],
    nobody,
  )
})

test('values that could only be refused later', async () => {
  await refused(/It must be a region's name/, up('c', '--region', 'us east'))
  await refused(/Its name must be of 1 to 128 letters/, up('c', '--attribute', 'a b=c'))
  await refused(/unknown option '--what'/, up('c', '--what'))
})

test('goes on when nobody reads what it says', async () => {
  const child = start(['version'])
  child.stdout.destroy()
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.deepEqual([errors, code], ['', 0])
})

test('--version', async () => {
  const { out, code } = await run(['--version'])
  assert.match(out, /^\d+\.\d+\.\d+\n$/)
  assert.equal(code, 0)
})
