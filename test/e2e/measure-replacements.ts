// Kills the container of a service's task, again and again, and measures until its replacement is RUNNING as a caller sees it.
// For replace.test.ts and bench/replacement.ts.
import {
  CreateServiceCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { killOne, runningTasks } from './service-tasks.ts'
import { waitFor } from './wait-for.ts'

const DESIRED = 2
/** A container that has run this long is no crash loop, so its replacement is not put off. */
const HEALTHY_FOR_MS = 2_000

/** Milliseconds from each kill to a new task that is RUNNING. */
export const measureReplacements = async (
  ecs: ECSClient,
  kills: number,
  /** Told of each, and waited for before the next kill. */
  told: (ms: number) => Promise<void> = async () => {},
): Promise<readonly number[]> => {
  await ecs.send(new RegisterTaskDefinitionCommand(idleTask('replace')))
  await ecs.send(new CreateServiceCommand({ serviceName: 'keep', taskDefinition: 'replace', desiredCount: DESIRED }))
  await waitUntilServicesStable({ client: ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }, { services: ['keep'] })
  const times: number[] = []
  for (let kill = 0; kill < kills; kill++) {
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
    const ms = Date.now() - killedAt
    times.push(ms)
    await told(ms)
  }
  return times
}
