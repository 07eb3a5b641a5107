// A container that is killed is replaced: the time from the kill to a replacement that is RUNNING, as a caller sees it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CreateServiceCommand, RegisterTaskDefinitionCommand, waitUntilServicesStable } from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { percentile } from './percentile.ts'
import { killOne, runningTasks } from './service-tasks.ts'
import { type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const KILLS = 20
const DESIRED = 2
/** A container that has run this long is no crash loop, so its replacement is not put off. */
const HEALTHY_FOR_MS = 2_000
let stowage: Stowage

before(async () => {
  await ensureTestImage(testDocker())
  stowage = await startStowage()
})
after(() => stowage.dispose())

test(`docker kill: a replacement is RUNNING within 1 s (p95 of ${KILLS})`, async t => {
  const { ecs } = stowage
  await ecs.send(new RegisterTaskDefinitionCommand(idleTask('replace')))
  await ecs.send(new CreateServiceCommand({ serviceName: 'keep', taskDefinition: 'replace', desiredCount: DESIRED }))
  await waitUntilServicesStable({ client: ecs, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { services: ['keep'] })
  const times: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const before = await waitFor('all have run for a while', async () => {
      const tasks = await runningTasks(ecs, 'keep')
      const old = tasks.filter(task => Date.now() - (task.startedAt?.getTime() ?? Number.NaN) > HEALTHY_FOR_MS)
      return old.length === DESIRED ? old : undefined
    })
    const known = new Set(before.map(task => task.taskArn))
    const killedAt = Date.now()
    await killOne(before)
    await waitFor('a replacement runs', async () =>
      (await runningTasks(ecs, 'keep')).find(task => !known.has(task.taskArn)),
    )
    times.push(Date.now() - killedAt)
  }
  t.diagnostic(`kill to replacement RUNNING, ms: p50 ${percentile(times, 0.5)}, p95 ${percentile(times, 0.95)}`)
  assert(percentile(times, 0.95) <= 1_000, `p95 of ${times.join(', ')} ms`)
})
