// kill -9 of Stowage with 20 tasks under a stream of writes, again and again. After each restart every acknowledged write is
// there, no container was restarted, and the counts are true within 5 s or, where a start takes long, five times as long as /health
// does. STOWAGE_KILLS=100 (npm run test:crash) for the long run.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTagsForResourceCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { percentile } from './percentile.ts'
import { runningTasks } from './service-tasks.ts'
import { inspectAll, KEYS, REGION, type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const KILLS = Number(process.env['STOWAGE_KILLS'] ?? 10)
const TASKS = 20
const WRITERS = 4
const COUNTS_WITHIN_MS = 5_000
/** ... or so many times what the start to /health takes: what the machine is slow in is in both. */
const COUNTS_WITHIN_STARTS = 5
let stowage: Stowage

before(async () => {
  await ensureTestImage(testDocker())
  stowage = await startStowage()
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(idleTask('crash', { memory: 8 })))
  await stowage.ecs.send(
    new CreateServiceCommand({ serviceName: 'crash', taskDefinition: 'crash', desiredCount: TASKS }),
  )
  const waiter = { client: stowage.ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }
  await waitUntilServicesStable(waiter, { services: ['crash'] }).catch(async error => {
    const { services } = await stowage.ecs.send(new DescribeServicesCommand({ services: ['crash'] }))
    const events = services?.[0]?.events?.map(event => event.message).join('\n')
    throw new Error(`${error.message}\n${events}\n${stowage.errors()}`)
  })
})
after(() => stowage?.dispose())

/** Id and start time of each container: the same after as before when nothing was restarted. */
const containersNow = async (): Promise<string[]> => {
  const infos = await inspectAll(stowage)
  return infos.map(info => `${info.Id} ${info.State.Status} ${info.State.StartedAt}`).sort()
}

type Writes = {
  /** Resolves when the first has been acknowledged. */
  readonly begun: Promise<void>
  readonly end: () => Promise<{
    readonly revisions: readonly string[]
    readonly tags: Readonly<Record<string, string>>
  }>
}

/** Writes without a pause until the server is gone; tells what was acknowledged. Never tries again: an answer is an answer. */
const startWriting = (round: number, service: string): Writes => {
  const ecs = new ECSClient({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS, maxAttempts: 1 })
  const revisions: string[] = []
  const tags: Record<string, string> = {}
  let ended = false
  const { promise: begun, resolve: acknowledged } = Promise.withResolvers<void>()
  const writer = async (number: number) => {
    for (let write = 0; !ended; write++) {
      const family = `write-${number}`
      const registered = await ecs.send(new RegisterTaskDefinitionCommand(idleTask(family)))
      revisions.push(registered.taskDefinition?.taskDefinitionArn ?? '')
      acknowledged()
      const value = `${round}-${write}`
      await ecs.send(new TagResourceCommand({ resourceArn: service, tags: [{ key: family, value }] }))
      tags[family] = value
    }
  }
  const writers = Array.from({ length: WRITERS }, (_, number) => writer(number).catch(() => {}))
  return {
    // Or all have failed: then the checks below say what is wrong.
    begun: Promise.race([begun, Promise.all(writers).then(() => {})]),
    end: async () => {
      ended = true
      await Promise.all(writers)
      ecs.destroy()
      return { revisions, tags }
    },
  }
}

test(`${KILLS} kills with ${TASKS} tasks under a stream of writes`, async t => {
  const { ecs } = stowage
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ services: ['crash'] }))
  const service = services[0]?.serviceArn ?? ''
  const containers = await containersNow()
  assert.equal(containers.length, TASKS)
  const [started, counted]: [number[], number[]] = [[], []]
  let acknowledged = 0
  for (let round = 0; round < KILLS; round++) {
    try {
      const writes = startWriting(round, service)
      await writes.begun
      await sleep((round * 37) % 300)
      await stowage.kill()
      const { revisions, tags } = await writes.end()
      acknowledged += revisions.length + Object.keys(tags).length
      const restartedAt = Date.now()
      await stowage.start()
      started.push(Date.now() - restartedAt)
      await countsAreTrue()
      counted.push(Date.now() - restartedAt)
      await checkWrites(service, revisions, tags)
      assert.deepEqual(await containersNow(), containers)
    } catch (error) {
      throw new Error(`round ${round}; stowage said: ${stowage.errors() || 'nothing'}`, { cause: error })
    }
  }
  const [start, count] = [percentile(started, 0.5), percentile(counted, 0.5)]
  t.diagnostic(
    `${acknowledged} acknowledged writes found again; started after ${start} ms, counts true after ${count} ms, at most ${Math.max(...counted)} ms`,
  )
  // Of the rounds in the middle: a machine may stall in one of them.
  assert(count <= Math.max(COUNTS_WITHIN_MS, COUNTS_WITHIN_STARTS * start), `${counted.join(', ')} ms`)
})

/** All of a family's revisions up to the newest acknowledged one, and the newest value of each tag, or one newer. */
const checkWrites = async (service: string, revisions: readonly string[], tags: Readonly<Record<string, string>>) => {
  for (const taskDefinition of revisions) {
    const found = await stowage.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
    assert.equal(found.taskDefinition?.status, 'ACTIVE')
  }
  const { tags: kept = [] } = await stowage.ecs.send(new ListTagsForResourceCommand({ resourceArn: service }))
  const order = (value: string | undefined) => value?.split('-').map(Number) ?? []
  for (const [key, value] of Object.entries(tags)) {
    const [round = -1, write = -1] = order(kept.find(tag => tag.key === key)?.value)
    const [wantedRound = 0, wantedWrite = 0] = order(value)
    assert(round === wantedRound && write >= wantedWrite, `${key}: ${round}-${write} after ${value} was acknowledged`)
  }
}

const countsAreTrue = (): Promise<unknown> =>
  waitFor('the counts are true', async () => {
    await stowage.connected()
    const { services = [] } = await stowage.ecs.send(new DescribeServicesCommand({ services: ['crash'] }))
    const running = await runningTasks(stowage.ecs, 'crash')
    const [service] = services
    return (running.length === TASKS && service?.runningCount === TASKS && service.pendingCount === 0) || undefined
  })
