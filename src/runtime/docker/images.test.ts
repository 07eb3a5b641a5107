// Pull policies against a made-up engine on a real socket, which plays registries that answer, fail or fall silent.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { type TestClock, testClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { DriverError, type PullPolicy } from '../driver.ts'
import { type Engine, openEngine } from './engine.ts'
import { pullReference } from './image-pull.ts'
import { type Images, openImages } from './images.ts'

const IMAGE = 'registry.example:5000/team/app:1'
const DIGEST = `sha256:${'a'.repeat(64)}`
let folder: string
let engine: Engine
let images: Images
let clock: TestClock
let cached: boolean
let pulls: string[]
let cancelled: number
let inspections: number
/** What the registry does with a pull. */
let registry: (answer: ServerResponse) => void
let close: () => void

const succeed = (answer: ServerResponse) => {
  cached = true
  answer.end('{"status":"Pulling"}\n{"status":"Done"}\n')
}
const fail = (message: string) => (answer: ServerResponse) => answer.end(JSON.stringify({ error: message }))
const silence = () => {}

beforeEach(async () => {
  ;({ cached, pulls, cancelled, inspections } = { cached: false, pulls: [], cancelled: 0, inspections: 0 })
  registry = succeed
  folder = await mkdtemp(join(tmpdir(), 'stowage-images-'))
  const socketPath = join(folder, 'engine.sock')
  const server = createServer((request, answer) => {
    if (request.method === 'POST') {
      pulls.push(request.url ?? '')
      answer.on('close', () => {
        if (!answer.writableEnded) cancelled++
      })
      answer.flushHeaders()
      return registry(answer)
    }
    inspections++
    answer.statusCode = cached ? 200 : 404
    const found = { RepoDigests: ['other@sha256:0', `registry.example:5000/team/app@${DIGEST}`] }
    answer.end(JSON.stringify(cached ? found : { message: `No such image: ${IMAGE}` }))
  }).listen(socketPath)
  await once(server, 'listening')
  clock = testClock()
  engine = openEngine({ socketPath, clock })
  images = openImages({ engine, clock, log: silentLog, settings: {} })
  close = () => {
    server.closeAllConnections()
    server.close()
  }
})
afterEach(async () => {
  engine.close()
  close()
  await rm(folder, { recursive: true })
})

const pull = (policy: PullPolicy, signal = new AbortController().signal) => images.pull(IMAGE, policy, signal)
const refused = (promise: Promise<unknown>, message: RegExp) =>
  assert.rejects(promise, error => {
    assert(error instanceof DriverError && error.code === 'CannotPullContainerError')
    assert.match(error.message, message)
    return true
  })
/** Moves the clock on until `done`: real sockets answer in their own time. */
const pass = async (ms: number, done: Promise<unknown>) => {
  let open = true
  const watched = done.finally(() => {
    open = false
  })
  watched.catch(() => {})
  while (open) await clock.advance(ms)
  return watched
}

test('prefer-cached pulls only what is not there; the digest is that of its own repository', async () => {
  assert.deepEqual(await pull('prefer-cached'), { digest: DIGEST })
  assert.equal(pulls.length, 1)
  assert.match(pulls[0] ?? '', /fromImage=registry.example%3A5000%2Fteam%2Fapp&tag=1/)
  await pull('prefer-cached')
  assert.equal(pulls.length, 1)
})

test('that the image is there is asked once for a burst, again later, and after it was forgotten', async () => {
  cached = true
  for (let n = 0; n < 10; n++) await pull('prefer-cached')
  assert.equal(inspections, 1)
  images.forget(IMAGE)
  await pull('prefer-cached')
  assert.equal(inspections, 2)
  await clock.advance(60_000)
  await pull('prefer-cached')
  assert.equal(inspections, 3)
})

test('default pulls each time, and uses the cached image when that fails', async () => {
  await pull('default')
  await pull('default')
  assert.equal(pulls.length, 2)
  registry = fail('denied')
  assert.deepEqual(await pull('default'), { digest: DIGEST })
  cached = false
  images.forget(IMAGE)
  await refused(pull('default'), /^Error response from daemon: denied$/)
})

test('always must pull; once pulls once', async () => {
  await pull('once')
  await pull('once')
  assert.equal(pulls.length, 1)
  registry = fail('denied')
  await pull('once')
  await refused(pull('always'), /denied/)
})

test('a registry that no one reaches is left alone for a while by those who have the image', async () => {
  cached = true
  registry = fail('dial tcp: lookup registry.example: no such host')
  await pull('default')
  await pull('default')
  assert.equal(pulls.length, 1)
  await clock.advance(60_000)
  await pull('default')
  assert.equal(pulls.length, 2)
})

test('all who want an image share one pull', async () => {
  let finish = () => {}
  registry = answer => {
    finish = () => succeed(answer)
  }
  const waiting = [pull('always'), pull('always'), pull('default')]
  while (pulls.length === 0) await new Promise(setImmediate)
  finish()
  const digests = await Promise.all(waiting)
  assert.equal(pulls.length, 1)
  assert.deepEqual(digests, [{ digest: DIGEST }, { digest: DIGEST }, { digest: DIGEST }])
})

test('a pull is cancelled when the last who waits for it goes, not before', async () => {
  registry = silence
  const [one, two] = [new AbortController(), new AbortController()]
  const [first, second] = [pull('always', one.signal), pull('always', two.signal)]
  while (pulls.length === 0) await new Promise(setImmediate)
  one.abort()
  await refused(first, /cancelled/)
  assert.equal(cancelled, 0)
  two.abort()
  await refused(second, /cancelled/)
  while (cancelled === 0) await new Promise(setImmediate)
  registry = succeed
  assert.deepEqual(await pull('always'), { digest: DIGEST })
})

test('a registry that says nothing is given up: sooner where there is a cached image', async () => {
  registry = silence
  const began = clock.now()
  await refused(pass(1_000, pull('default')), /^Could not transition to pulled; timed out after waiting 1m0s$/)
  assert(clock.now() - began >= 60_000)
  cached = true
  await clock.advance(60_000)
  const again = clock.now()
  assert.deepEqual(await pass(1_000, pull('default')), { digest: DIGEST })
  assert(clock.now() - again < 60_000)
})

test('a pull that stops half-way is given up', async () => {
  registry = answer => answer.write('{"status":"Pulling"}\n')
  await refused(pass(1_000, pull('always')), /^inactivity time exceeded timeout while pulling image$/)
})

test('references', () => {
  assert.deepEqual(pullReference('app'), { fromImage: 'app', tag: 'latest' })
  assert.deepEqual(pullReference('host:5000/app'), { fromImage: 'host:5000/app', tag: 'latest' })
  assert.deepEqual(pullReference('host:5000/app:2'), { fromImage: 'host:5000/app', tag: '2' })
  assert.deepEqual(pullReference('app@sha256:0'), { fromImage: 'app@sha256:0' })
})
