// The Docker driver against the real engine: each verb, what the engine does meanwhile, and what it is asked for twice.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, createServer as createSocketServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { dockerDriver } from '../../src/runtime/docker/docker-driver.ts'
import {
  type ContainerSpec,
  DriverError,
  type DriverEvent,
  SANDBOX_COMMAND,
  SANDBOX_IMAGE,
} from '../../src/runtime/driver.ts'
import { freePort } from './stowage.ts'
import { ensureTestImage, SOCKET, TEST_IMAGE, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const docker = testDocker()
const RUN = randomBytes(4).toString('hex')
const LABEL = 'stowage-test.run'
/** After which a stop kills: to be told from a stop that a slow machine takes some seconds for. */
const STOP_GRACE_SECONDS = 60
const driver = dockerDriver({ socketPath: SOCKET, clock: systemClock(), log: silentLog })
let made = 0

const spec = (change: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: `stowage-test-${RUN}-${made++}`,
  image: TEST_IMAGE,
  environment: {},
  labels: { [LABEL]: RUN },
  cpuShares: 128,
  networkMode: 'none',
  portMappings: [],
  mounts: [],
  engineConfig: {},
  engineHostConfig: {},
  ...change,
})
const shell = (script: string): Partial<ContainerSpec> => ({ command: ['sh', '-c', script] })
const run = async (change: Partial<ContainerSpec> = {}): Promise<string> => {
  const id = await driver.create(spec(change))
  await driver.start(id)
  return id
}
const ended = (id: string) =>
  waitFor('the container has ended', async () => {
    const state = await driver.inspect(id)
    return state?.status === 'stopped' ? state : undefined
  })
const hostPortsOf = ({ ports }: { readonly ports: readonly { readonly hostPort: number }[] }) =>
  ports.map(({ hostPort }) => hostPort).sort((a, b) => a - b)
const isDriverError =
  (code: DriverError['code'], text: RegExp) =>
  (error: unknown): boolean => {
    assert(error instanceof DriverError)
    assert.equal(error.code, code)
    assert.match(error.message, text)
    return true
  }

before(async () => {
  await ensureTestImage(docker)
})
after(async () => {
  for (const container of await driver.list(LABEL, RUN)) await driver.remove(container.id)
  for (const volume of await driver.listVolumes(LABEL, RUN)) await driver.removeVolume(volume)
  await driver.close()
})

test('a range of ports gets as many host ports in a row, and two containers never the same', async () => {
  const range = { networkMode: 'bridge', portRanges: [{ first: 8000, last: 8003, protocol: 'tcp' }] } as const
  const ids = await Promise.all([0, 1].map(() => driver.create(spec({ ...range, ...shell('sleep 100') }))))
  const states = await Promise.all(ids.map(id => driver.start(id)))
  const [one = [], two = []] = states.map(hostPortsOf)
  for (const ports of [one, two]) {
    assert.equal(ports.length, 4)
    assert.deepEqual(
      ports.map(port => port - (ports[0] ?? 0)),
      [0, 1, 2, 3],
    )
  }
  assert.ok(one.every(port => !two.includes(port)))
  for (const id of ids) await driver.remove(id)
})

test('info tells the machine', async () => {
  const info = await driver.info()
  assert.equal(info.cpu % 1024, 0)
  assert(info.cpu > 0 && info.memory > 0)
  assert.match(info.version, /^\d+\./)
})

test('a container goes from created to running to stopped to gone', async () => {
  const one = spec({ environment: { A: 'b=c' }, ...shell('echo $A; exec sleep 1000') })
  const id = await driver.create(one)
  assert.equal((await driver.inspect(id))?.status, 'created')
  const started = await driver.start(id)
  assert.equal(started.status, 'running')
  assert.equal(started.name, one.name)
  const seen = await driver.inspect(id)
  assert.equal(seen?.status, 'running')
  assert.deepEqual(seen.labels, { [LABEL]: RUN })
  assert(Math.abs((seen.startedAt ?? 0) - (started.startedAt ?? 0)) < 60_000)
  assert.equal(seen.exitCode, undefined)
  await driver.stop(id, 0)
  const stopped = await driver.inspect(id)
  assert.equal(stopped?.status, 'stopped')
  assert.equal(stopped.exitCode, 137)
  assert((stopped.finishedAt ?? 0) >= (stopped.startedAt ?? 0))
  await driver.remove(id)
  assert.equal(await driver.inspect(id), undefined)
})

test('everything may be asked for twice, and of a container that is gone', async () => {
  const one = spec(shell('exec sleep 1000'))
  const id = await driver.create(one)
  assert.equal(await driver.create(one), id)
  const [first, second] = await Promise.all([driver.start(id), driver.start(id)])
  assert.deepEqual([first.status, second.status], ['running', 'running'])
  assert.equal((await driver.start(id)).status, 'running')
  await Promise.all([driver.stop(id, 0), driver.stop(id, 0)])
  await driver.stop(id, 0)
  await Promise.all([driver.remove(id), driver.remove(id)])
  await driver.remove(id)
  await driver.stop(id, 0)
  assert.equal(await driver.sample(id), undefined)
  await assert.rejects(driver.start(id), isDriverError('CannotStartContainerError', /No such container/))
})

test("a name that another's container has is refused", async () => {
  const one = spec()
  await driver.create({ ...one, labels: { ...one.labels, owner: 'another' } })
  const mine = { ...one, labels: { ...one.labels, owner: 'me' } }
  await assert.rejects(driver.create(mine), isDriverError('CannotCreateContainerError', /is already in use/))
})

const changesIn = async (id: string): Promise<readonly string[]> => {
  const changes: readonly { readonly Path: string }[] = (await docker.getContainer(id).changes()) ?? []
  return changes.map(({ Path }) => Path)
}

test('stop sends the stop signal first and waits for the exit', async () => {
  const id = await run(shell('trap "exit 7" TERM; touch /tmp/ready; while :; do sleep 0.1; done'))
  // Before that the signal would be nobody's: the kernel keeps it from a process 1 that does not ask for it.
  await waitFor('it waits for the signal', async () => (await changesIn(id)).includes('/tmp/ready') || undefined)
  const began = Date.now()
  await driver.stop(id, STOP_GRACE_SECONDS)
  assert(Date.now() - began < (STOP_GRACE_SECONDS * 1_000) / 2)
  assert.equal((await driver.inspect(id))?.exitCode, 7)
})

test('published ports: dynamic ones are what the engine chose, fixed ones what was asked for', async () => {
  const port = await freePort()
  const id = await driver.create(
    spec({
      ...shell('mkdir -p /tmp/w; echo hi >/tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w'),
      networkMode: 'bridge',
      portMappings: [
        { containerPort: 8080, hostPort: 0, protocol: 'tcp' },
        { containerPort: 8080, hostPort: port, protocol: 'tcp' },
        { containerPort: 53, hostPort: 0, protocol: 'udp' },
      ],
    }),
  )
  const { ports } = await driver.start(id)
  assert.equal(ports.length, 3)
  assert.deepEqual(ports, (await driver.inspect(id))?.ports)
  const tcp = ports.filter(binding => binding.protocol === 'tcp')
  assert(tcp.some(binding => binding.hostPort === port))
  for (const binding of tcp) {
    assert.equal(binding.containerPort, 8080)
    await waitFor('the container answers HTTP', () => statusOf(binding.hostPort).catch(() => undefined))
  }
  await driver.remove(id)
  const fixed = await driver.create(
    spec({ networkMode: 'bridge', portMappings: [{ containerPort: 80, hostPort: port, protocol: 'tcp' }] }),
  )
  const started = await driver.start(fixed)
  assert.deepEqual(started.ports, [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: port, protocol: 'tcp' }])
  assert.deepEqual((await driver.inspect(fixed))?.ports, started.ports)
})

test("a port that is taken fails the start in the engine's words", async () => {
  const server = createServer().listen(0, '0.0.0.0')
  await once(server, 'listening')
  const address = server.address()
  assert(typeof address === 'object' && address)
  const id = await driver.create(
    spec({ networkMode: 'bridge', portMappings: [{ containerPort: 80, hostPort: address.port, protocol: 'tcp' }] }),
  )
  await assert.rejects(driver.start(id), isDriverError('CannotStartContainerError', /address already in use/))
  server.close()
})

test('a command that is not there fails the start', async () => {
  const id = await driver.create(spec({ command: ['/no/such/command'] }))
  await assert.rejects(
    driver.start(id),
    isDriverError('CannotStartContainerError', /^Error response from daemon: .*no such file or directory/s),
  )
})

test('engine configuration lies over the rest, our labels over all', async () => {
  const id = await driver.create(
    spec({
      engineConfig: { WorkingDir: '/tmp', User: '12', Labels: { a: 'b', [LABEL]: 'not this' } },
      engineHostConfig: { Memory: 64 * 1024 * 1024, CapDrop: ['NET_RAW'] },
    }),
  )
  const info = await docker.getContainer(id).inspect()
  assert.equal(info.Config.WorkingDir, '/tmp')
  assert.equal(info.Config.User, '12')
  assert.deepEqual(info.Config.Labels, { a: 'b', [LABEL]: RUN })
  assert.equal(info.HostConfig.Memory, 64 * 1024 * 1024)
  assert.deepEqual(info.HostConfig.CapDrop, ['NET_RAW'])
  assert.equal(info.HostConfig.CpuShares, 128)
})

test('volumes: made, found by label, mounted, removed', async () => {
  const name = `stowage-test-${RUN}-volume`
  await driver.createVolume(name, { [LABEL]: RUN })
  await driver.createVolume(name, { [LABEL]: RUN })
  assert.deepEqual(await driver.listVolumes(LABEL, RUN), [name])
  const mounts = (readOnly: boolean) => [{ source: name, containerPath: '/data', readOnly }]
  const writer = await run({ ...shell('echo kept >/data/file'), mounts: mounts(false) })
  assert.equal((await ended(writer)).exitCode, 0)
  const reader = await run({
    ...shell('touch /data/other && exit 1; [ "$(cat /data/file)" = kept ]'),
    mounts: mounts(true),
  })
  assert.equal((await ended(reader)).exitCode, 0)
  await driver.remove(writer)
  await driver.remove(reader)
  await driver.removeVolume(name)
  await driver.removeVolume(name)
  assert.deepEqual(await driver.listVolumes(LABEL, RUN), [])
})

test('list finds containers in every state by label', async () => {
  const label = 'stowage-test.list'
  const of = (change: Partial<ContainerSpec>) => ({ ...change, labels: { [LABEL]: RUN, [label]: RUN } })
  const waiting = await driver.create(spec(of({})))
  const running = await run(of({}))
  const gone = await run(of(shell('exit 3')))
  await ended(gone)
  const found = await driver.list(label, RUN)
  const byId = new Map(found.map(state => [state.id, state]))
  assert.deepEqual(
    [waiting, running, gone].map(id => byId.get(id)?.status),
    ['created', 'running', 'stopped'],
  )
  assert.equal(byId.get(gone)?.exitCode, 3)
  assert.equal(found.length, 3)
  assert.deepEqual(await driver.list(label, 'another'), [])
})

test('health: of the check that is given, never of the image', async () => {
  const events: DriverEvent[] = []
  const end = driver.subscribe(LABEL, RUN, event => events.push(event))
  const second = 1_000_000_000
  const check = (script: string, Interval = second) => ({
    engineConfig: { HealthCheck: { Test: ['CMD-SHELL', script], Interval, Timeout: 60 * second, Retries: 1 } },
  })
  const unchecked = await run(check('true', 3_600 * second))
  assert.equal((await driver.inspect(unchecked))?.health, 'UNKNOWN')
  const well = await run(check('true'))
  const ill = await run(check('false'))
  const plain = await run()
  await waitFor('both checks have been heard of', () => {
    const healthOf = (id: string) =>
      events.find(event => event.type === 'changed' && event.id === id && event.what === 'health')
    const [first, other] = [healthOf(well), healthOf(ill)]
    return first && other ? [first, other] : undefined
  })
  assert.equal((await driver.inspect(well))?.health, 'HEALTHY')
  assert.equal((await driver.inspect(ill))?.health, 'UNHEALTHY')
  assert.equal((await driver.inspect(plain))?.health, 'UNKNOWN')
  assert.deepEqual((await docker.getContainer(plain).inspect()).Config.Healthcheck, { Test: ['NONE'] })
  end()
})

test('events: started, died with its code, removed, and out of memory', async () => {
  const events: DriverEvent[] = []
  const end = driver.subscribe(LABEL, RUN, event => events.push(event))
  await waitFor('the stream is open', () => events.some(event => event.type === 'resync') || undefined)
  const id = await run(shell('exit 5'))
  const hog = await run({
    // The engine hears of the kill by another way than of the end: it may come second when they are close together.
    ...shell('dd if=/dev/zero of=/dev/null bs=200M; code=$?; sleep 2; exit $code'),
    memoryBytes: 32 * 1024 * 1024,
    engineHostConfig: { MemorySwap: 32 * 1024 * 1024 },
  })
  const of = (wanted: string, what: string) =>
    events.find(event => event.type === 'changed' && event.id === wanted && event.what === what)
  const died = await waitFor('its end is told', () => of(id, 'died'))
  assert(died.type === 'changed')
  assert.equal(died.exitCode, 5)
  assert.equal(died.oomKilled, false)
  assert.equal(died.labels[LABEL], RUN)
  assert(of(id, 'started'))
  const killed = await waitFor('the kill is told', () => of(hog, 'died'))
  assert(killed.type === 'changed')
  assert.equal(killed.oomKilled, true)
  assert.equal((await driver.inspect(hog))?.oomKilled, true)
  await driver.remove(id)
  await waitFor('the removal is told', () => of(id, 'removed'))
  end()
})

test('events come again after the connection broke, with a resync', async () => {
  const { path, cut, close } = await engineProxy()
  const through = dockerDriver({ socketPath: path, clock: systemClock(), log: silentLog })
  const events: DriverEvent[] = []
  through.subscribe(LABEL, RUN, event => events.push(event))
  const resyncs = () => events.filter(event => event.type === 'resync').length
  await waitFor('the stream is open', () => resyncs() >= 1 || undefined)
  assert((await through.info()).cpu > 0)
  const before = resyncs()
  cut()
  await waitFor('the stream is open again', () => resyncs() > before || undefined)
  // A kept connection that broke is no error of the next call.
  assert((await through.info()).cpu > 0)
  const id = await run(shell('exit 0'))
  await waitFor('its end is told', () =>
    events.find(event => event.type === 'changed' && event.id === id && event.what === 'died'),
  )
  await through.close()
  close()
})

test('a sandbox: made without a registry, an address of its own, joined by others, gone at once', async () => {
  assert.deepEqual(await driver.pull(SANDBOX_IMAGE, 'always', never), {})
  const sandbox = { image: SANDBOX_IMAGE, command: SANDBOX_COMMAND, networkMode: 'bridge' }
  const one = spec({ ...sandbox, engineConfig: { StopSignal: 'SIGKILL' } })
  const id = await driver.create(one)
  // A container that joins may be created before the network is there.
  const joined = await driver.create(spec({ ...shell('exec sleep 1000'), networkMode: `container:${one.name}` }))
  await assert.rejects(driver.start(joined), isDriverError('CannotStartContainerError', /non running container/))
  await driver.start(id)
  const { address } = (await driver.inspect(id)) ?? {}
  assert.match(address?.ipv4 ?? '', /^\d+\.\d+\.\d+\.\d+$/)
  assert.match(address?.mac ?? '', /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
  assert.equal((await driver.start(joined)).status, 'running')
  assert.equal((await driver.inspect(joined))?.address, undefined)
  await driver.removeMadeImages()
  assert((await docker.getImage(SANDBOX_IMAGE).inspect()).Id, 'it is in use')
  const begun = Date.now()
  await driver.stop(id, STOP_GRACE_SECONDS)
  assert(Date.now() - begun < (STOP_GRACE_SECONDS * 1_000) / 2)
  assert.equal((await driver.inspect(id))?.exitCode, 137)
  await driver.remove(joined)
  await driver.remove(id)
})

test('a sample rises with use; a stopped container has none', async () => {
  const id = await run({
    ...shell('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exec sleep 1000'),
    networkMode: 'bridge',
  })
  const sample = await waitFor('it has used the processor', async () => {
    const now = await driver.sample(id)
    return now && now.cpuNanoseconds > 1_000_000 ? now : undefined
  })
  assert(sample.memoryBytes > 0 && sample.memoryBytes < 64 * 1024 * 1024)
  assert(sample.network && sample.network.rxBytes >= 0)
  assert(sample.storage.readBytes >= 0)
  await driver.stop(id, 0)
  assert.equal(await driver.sample(id), undefined)
})

const never = new AbortController().signal

test('pull: a cached image is used where the policy allows it', async () => {
  const local = await ensureTestImage(docker, `localhost:1/stowage-test/cached-${RUN}:1`)
  assert.deepEqual(await driver.pull(local, 'prefer-cached', never), {})
  assert.deepEqual(await driver.pull(local, 'default', never), {})
  await assert.rejects(
    driver.pull(local, 'always', never),
    isDriverError('CannotPullContainerError', /^Error response from daemon: .*refused/),
  )
  await assert.rejects(driver.pull(local, 'once', never), isDriverError('CannotPullContainerError', /refused/))
  await docker.getImage(local).remove()
})

test('pull: an image that nobody has fails at once, and create of one says so', async () => {
  const image = `localhost:1/stowage-test/absent-${RUN}:1`
  for (const policy of ['default', 'prefer-cached', 'once', 'always'] as const) {
    await assert.rejects(
      driver.pull(image, policy, never),
      isDriverError('CannotPullContainerError', /^Error response from daemon: /),
    )
  }
  await assert.rejects(driver.create(spec({ image })), isDriverError('CannotCreateContainerError', /No such image/))
})

test('pull: a registry that is silent is given up; a cached image is used and the registry left alone', async () => {
  let asked = 0
  const sockets = new Set<Socket>()
  const silent = createSocketServer(socket => {
    asked++
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  assert(typeof address === 'object' && address)
  const patient = dockerDriver({
    socketPath: SOCKET,
    clock: systemClock(),
    log: silentLog,
    pull: { limits: { beginMs: 300 } },
  })
  const absent = `127.0.0.1:${address.port}/stowage-test/absent:1`
  const timedOut = isDriverError('CannotPullContainerError', /timed out after waiting|inactivity time exceeded/)
  await assert.rejects(patient.pull(absent, 'default', never), timedOut)
  await waitFor('the engine has given it up too', () => sockets.size === 0 || undefined)
  const cached = await ensureTestImage(docker, `127.0.0.1:${address.port}/stowage-test/cached:1`)
  const before = asked
  assert.deepEqual(await patient.pull(cached, 'default', never), {})
  assert.equal(asked, before)
  const impatient = new AbortController()
  const cancelled = patient.pull(absent, 'always', impatient.signal)
  impatient.abort()
  await assert.rejects(cancelled, isDriverError('CannotPullContainerError', /cancelled/))
  await patient.close()
  for (const socket of sockets) socket.destroy()
  silent.close()
  await docker.getImage(cached).remove()
})

test('no engine: every verb says so, none hangs', async () => {
  const nobody = dockerDriver({ socketPath: '/nonexistent/docker.sock', clock: systemClock(), log: silentLog })
  await assert.rejects(nobody.info(), /ENOENT/)
  await assert.rejects(nobody.create(spec()), isDriverError('CannotCreateContainerError', /ENOENT/))
  await assert.rejects(nobody.inspect('abc'), isDriverError('CannotInspectContainerError', /ENOENT/))
  await assert.rejects(nobody.pull('a', 'prefer-cached', never), isDriverError('CannotPullContainerError', /ENOENT/))
  await nobody.close()
})

const statusOf = (port: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent: false }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject)
    sent.end()
  })

/** A socket before the engine's whose connections can be cut. */
const engineProxy = async () => {
  const path = join(tmpdir(), `stowage-test-${RUN}.sock`)
  const open = new Set<Socket>()
  const server = createSocketServer(client => {
    const upstream = connect(SOCKET)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream).pipe(client)
  }).listen(path)
  await once(server, 'listening')
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  const close = () => {
    cut()
    server.close()
  }
  return { path, cut, close }
}
