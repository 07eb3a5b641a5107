// ./quickstart, again, down, down again: in a home of its own, beside what the machine runs already, which it leaves alone.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pageAt } from '../../scripts/quickstart-load-balancer.ts'
import { type Outcome, runCommand } from './run-command.ts'
import { freePort, isHealthy } from './stowage.ts'
import { testDocker } from './test-image.ts'
import { leastMs, waitFor } from './wait-for.ts'

const docker = testDocker()
const AGAIN_WITHIN_MS = 10_000
const CONFIG = '# kept as it is\n[default]\nregion = eu-west-1'
let home: string
let endpoint: string
let env: NodeJS.ProcessEnv | undefined
let found: Awaited<ReturnType<typeof engineState>>

const HELLO = /^stowage\/hello:/
/** What the quickstart could have made: another's containers and images may come and go meanwhile. */
const engineState = async () => ({
  containers: (await docker.listContainers({ all: true }))
    .filter(container => HELLO.test(container.Image) || container.Names.some(name => name.includes('hello')))
    .map(container => container.Id)
    .sort(),
  networks: (await docker.listNetworks()).map(network => network.Id).sort(),
  volumes: ((await docker.listVolumes()).Volumes ?? []).map(volume => volume.Name).sort(),
  // Those without a name are layers of a build.
  images: (await docker.listImages({ all: true }))
    .filter(image => (image.RepoTags ?? []).every(tag => HELLO.test(tag) || tag === '<none>:<none>'))
    .map(image => image.Id)
    .sort(),
})
const quickstart = (...args: string[]): Promise<Outcome> =>
  runCommand('./quickstart', args, { env: env ?? assert.fail('it has no home of its own'), limitMs: 600_000 })
const urlIn = (text: string): string => /answers at (http:\/\/hello-\d+\.elb\.localhost:\d+)$/m.exec(text)?.[1] ?? ''

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'stowage-home-'))
  await mkdir(join(home, '.aws'))
  await writeFile(join(home, '.aws/config'), CONFIG)
  const port = await freePort()
  endpoint = `http://127.0.0.1:${port}`
  const { AWS_CONFIG_FILE: _config, AWS_SHARED_CREDENTIALS_FILE: _credentials, ...rest } = process.env
  env = { ...rest, HOME: home, STOWAGE_DATA: join(home, '.stowage'), STOWAGE_PORT: String(port) }
  found = await engineState()
})
after(async () => {
  // Without that home it would be the user's own.
  if (env === undefined) return
  await quickstart('down')
  await rm(home, { recursive: true, force: true })
})

test('it brings up a service of two containers that answer', async () => {
  const first = await quickstart()
  assert.equal(first.code, 0, first.stdout + first.stderr)
  const url = urlIn(first.stdout)
  assert.notEqual(url, '', first.stdout)
  const seen = new Set<string>()
  await waitFor('both containers have answered', async () => {
    seen.add(/This is container [0-9a-f]{12}\./.exec((await pageAt(url)) ?? '')?.[0] ?? '')
    return (seen.size === 2 && !seen.has('')) || undefined
  })
  assert.match(first.stdout, /aws --profile stowage ecs describe-services --services hello/)
  const config = await readFile(join(home, '.aws/config'), 'utf8')
  assert(config.startsWith(CONFIG))
  assert(config.includes(`endpoint_url = ${endpoint}`))
})

test('again it is fast and changes nothing', async () => {
  const before = await engineState()
  const took = await leastMs(AGAIN_WITHIN_MS, async () => {
    const began = Date.now()
    const again = await quickstart()
    assert.equal(again.code, 0, again.stdout + again.stderr)
    assert.notEqual(urlIn(again.stdout), '')
    return Date.now() - began
  })
  assert(took <= AGAIN_WITHIN_MS, `${took} ms`)
  assert.deepEqual(await engineState(), before)
})

test('down leaves the machine as it was, and twice is harmless', async () => {
  for (const expected of [/^Removed/m, /^Nothing to remove/m]) {
    const down = await quickstart('down')
    assert.equal(down.code, 0, down.stdout + down.stderr)
    assert.match(down.stdout, expected)
  }
  assert.equal(await isHealthy(endpoint), false)
  assert.deepEqual(await engineState(), found)
  assert.equal(await readFile(join(home, '.aws/config'), 'utf8'), CONFIG)
  assert.deepEqual(await readdir(join(home, '.aws')), ['config'])
  assert(!existsSync(join(home, '.stowage')))
})

test('a port that is taken by something else is said so, before anything is made', async () => {
  const other = createServer((_request, response) => response.end('{"status":"ok"}'))
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const ours = env
  try {
    const { port } = other.address() as AddressInfo
    env = { ...ours, STOWAGE_PORT: String(port) }
    const refused = await quickstart()
    assert.equal(refused.code, 1, refused.stdout + refused.stderr)
    assert.match(refused.stderr, new RegExp(`^error: port ${port} is taken by something else: .*STOWAGE_PORT=`, 'm'))
    assert(!existsSync(join(home, '.stowage')))
    assert.match((await quickstart('down')).stdout, /^Nothing to remove/m)
  } finally {
    env = ours
    other.close()
  }
})

test('down removes what was started through it besides, after a kill too', async () => {
  const up = await quickstart()
  assert.equal(up.code, 0, up.stdout + up.stderr)
  const pid = Number(await readFile(join(home, '.stowage/quickstart/pid'), 'utf8'))
  process.kill(pid, 'SIGKILL')
  const down = await quickstart('down')
  assert.equal(down.code, 0, down.stdout + down.stderr)
  assert.deepEqual(await engineState(), found)
  assert(!existsSync(join(home, '.stowage')))
})
