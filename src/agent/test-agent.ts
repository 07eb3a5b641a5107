// An agent against a peer that plays the server, on an engine that runs nothing: for the tests of start.ts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../lib/clock.ts'
import { systemIds } from '../lib/ids.ts'
import { silentLog } from '../lib/log.ts'
import { type FakeEngine, fakeDriver } from '../runtime/fake/fake-driver.ts'
import { type Agent, startAgent } from './start.ts'
import { CLUSTER } from './test-host.ts'
import { INSTANCE, type TestPeer, testPeer } from './test-peer.ts'

export const clock = systemClock()
const ids = systemIds()

export const runtime = (): FakeEngine => fakeDriver({ clock, ids, cpu: 4096, memory: 8192 })

export const inputFor = (peer: { endpoint: string }, driver: FakeEngine) => ({
  driver,
  endpoint: peer.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  cluster: 'default',
  clock,
  ids,
  log: silentLog,
  settings: { availabilityZone: 'us-east-1a', fargateCapacity: true, reservedPorts: [7700], reservedMemoryMiB: 192 },
})

export const agentOf = (
  t: TestContext,
  peer: { endpoint: string },
  driver: FakeEngine,
  dataDir?: string,
): Promise<Agent> => {
  const starting = startAgent({ ...inputFor(peer, driver), dataDir })
  t.after(async () => (await starting.catch(() => undefined))?.stop())
  return starting
}

export const peerFor = async (t: TestContext, port = 0): Promise<TestPeer> => {
  const peer = await testPeer(port)
  t.after(() => peer.close())
  return peer
}

export const addressed = (message: object) => ({ clusterArn: CLUSTER, containerInstanceArn: INSTANCE, ...message })

export const messages = (peer: TestPeer, type: string) =>
  peer.frames.flatMap(({ text }) => {
    const body = JSON.parse(text.slice(text.indexOf('{')))
    return body.type === type ? [body.message] : []
  })

/** Without what is told of a task that is not up within a second: so it may be on a machine that stalls. */
export const submitted = (peer: TestPeer) =>
  peer.calls
    .filter(({ operation }) => operation === 'SubmitTaskStateChange')
    .map(({ input }) => input)
    .filter(({ status }) => status !== 'PENDING')

export const connected = (peer: TestPeer, links = 2) =>
  peer.until(() => (peer.upgrades.length >= links ? true : undefined))

export const send = (peer: TestPeer, seqNum: number, ...tasks: readonly object[]) =>
  peer.send('acs', 'PayloadMessage', addressed({ messageId: `p${seqNum}`, seqNum, generatedAt: 1, tasks }))

export const temporary = async (t: TestContext): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'stowage-agent-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}
