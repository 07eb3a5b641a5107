// Docker Swarm on the same engine, as the peer that can be measured beside us: a killed container -> its replacement runs, and an
// update of ten tasks -> all ten are new and no old one runs. With Swarm's defaults (5 s before a restart; one task at a time),
// and with what it can do at its fastest; beside them Stowage, which has no such settings, through the same containers.
// How fast a hundred start is in throughput.ts, in turns with the raw engine and with us. The engine leaves the swarm afterwards.
import * as ecs from '@aws-sdk/client-ecs'
import type { CreateServiceOptions, ServiceSpec } from 'dockerode'
import { IDLE, idleTask } from '../test/e2e/definitions.ts'
import { measureReplacements } from '../test/e2e/measure-replacements.ts'
import { startStowage } from '../test/e2e/stowage.ts'
import { ensureTestImage, TEST_IMAGE, testDocker } from '../test/e2e/test-image.ts'
import { waitFor } from '../test/e2e/wait-for.ts'
import { type Benchmark, type Figure, runAlone, spread } from './figure.ts'

const TASKS = 10
const MIB = 1024 * 1024
const NANOSECONDS = 1e9
const LIMIT_MS = 180_000

const docker = testDocker()

export const swarm: Benchmark = async ({ quick }) => {
  await ensureTestImage(docker)
  const runs = quick ? 1 : 3
  return await inSwarm(async () => {
    const figures: Figure[] = []
    for (const [how, delay] of [['its default, 5 s of delay', 5] as const, ['without delay', 0] as const]) {
      const times = await swarmReplacements(delay, quick ? 2 : 10)
      figures.push({ what: `Swarm: container killed -> replacement, ${how}`, measured: spread(times) })
    }
    figures.push({
      what: 'Stowage: container killed -> replacement',
      measured: spread(await ourReplacements(quick ? 2 : 10)),
    })
    for (const [how, parallelism] of [['its default, one at a time', 1] as const, ['all at once', TASKS] as const]) {
      const took = await swarmUpdates(parallelism, runs)
      figures.push({ what: `Swarm: update of ${TASKS} tasks, ${how}`, measured: spread(took) })
    }
    figures.push({
      what: `Stowage: update of ${TASKS} tasks, same containers`,
      measured: spread(await ourUpdates(runs)),
    })
    return figures
  })
}

/** Seconds until `count` replicas of the same busybox run. For throughput.ts. */
export const swarmSeconds = (count: number): Promise<number> =>
  inSwarm(async () => {
    // As the other sides have: a first container is slower.
    await inService({ replicas: 1 }, async () => {})
    const began = performance.now()
    return await inService({ replicas: count }, async () => (performance.now() - began) / 1000)
  })

const inSwarm = async <T>(work: () => Promise<T>): Promise<T> => {
  const { Swarm } = await docker.info()
  if (Swarm?.LocalNodeState !== 'inactive') throw new Error('this engine is in a swarm already: it is left alone')
  await docker.swarmInit({ AdvertiseAddr: '127.0.0.1', ListenAddr: '127.0.0.1:2377', ForceNewCluster: false })
  try {
    return await work()
  } finally {
    await docker.swarmLeave({ force: true })
  }
}

/** What we read of a task of Swarm's; dockerode's types know nothing of it. */
type Task = {
  readonly ID: string
  readonly Status: { readonly State: string; readonly ContainerStatus?: { readonly ContainerID: string } }
}

type Wanted = { readonly replicas: number; readonly delay?: number; readonly parallelism?: number }

/** `generation` makes two specs differ in nothing that matters. */
const specOf = (image: string, { replicas, delay = 5, parallelism = 1 }: Wanted, generation = 0): ServiceSpec => ({
  Name: 'stowage-bench',
  TaskTemplate: {
    ContainerSpec: { Image: image, Command: IDLE, Labels: { 'stowage-bench.swarm': 'true' }, StopGracePeriod: 30e9 },
    Resources: { Limits: { MemoryBytes: 16 * MIB } },
    RestartPolicy: { Condition: 'any', Delay: delay * NANOSECONDS },
    ForceUpdate: generation,
  },
  Mode: { Replicated: { Replicas: replicas } },
  UpdateConfig: { Parallelism: parallelism, Delay: 0, Order: parallelism === 1 ? 'stop-first' : 'start-first' },
})

/** Runs `work` when all replicas run; removes them, and waits for the engine to be rid of them. */
const inService = async <T>(wanted: Wanted, work: (id: string) => Promise<T>): Promise<T> => {
  // By its id: for a name Swarm would first ask a registry, for each task.
  const { Id: image } = await docker.getImage(TEST_IMAGE).inspect()
  const { id } = await docker.createService(specOf(image, wanted) as CreateServiceOptions)
  try {
    await waitFor(
      'all replicas run',
      async () => ((await running(id)).length === wanted.replicas ? true : undefined),
      LIMIT_MS,
    )
    return await work(id)
  } finally {
    await docker.getService(id).remove()
    const filters = { label: ['stowage-bench.swarm=true'] }
    const gone = async () => ((await docker.listContainers({ all: true, filters })).length === 0 ? true : undefined)
    await waitFor('its containers are gone', gone, LIMIT_MS)
  }
}

const running = async (service: string): Promise<readonly Task[]> => {
  const tasks = (await docker.listTasks({ filters: { service: [service] } })) as readonly unknown[] as readonly Task[]
  return tasks.filter(({ Status }) => Status.State === 'running')
}

const swarmReplacements = (delay: number, kills: number): Promise<readonly number[]> =>
  inService({ replicas: 2, delay }, async id => {
    const times: number[] = []
    for (let kill = 0; kill < kills; kill++) {
      const before = await waitFor('both run', async () => {
        const tasks = await running(id)
        return tasks.length === 2 ? tasks : undefined
      })
      const began = performance.now()
      await docker.getContainer(before[0]?.Status.ContainerStatus?.ContainerID ?? '').kill()
      const known = new Set(before.map(({ ID }) => ID))
      await waitFor('a replacement runs', async () => (await running(id)).find(({ ID }) => !known.has(ID)))
      times.push(performance.now() - began)
    }
    return times
  })

const swarmUpdates = (parallelism: number, runs: number): Promise<readonly number[]> =>
  inService({ replicas: TASKS, parallelism }, async id => {
    const { Id: image } = await docker.getImage(TEST_IMAGE).inspect()
    const times: number[] = []
    for (let run = 1; run <= runs; run++) {
      const old = new Set((await running(id)).map(({ ID }) => ID))
      const began = performance.now()
      const { Version } = await docker.getService(id).inspect()
      await docker
        .getService(id)
        .update({ version: Version.Index, ...specOf(image, { replicas: TASKS, parallelism }, run) })
      await waitFor(
        'all are new',
        async () => {
          const now = await running(id)
          return (now.length === TASKS && now.every(({ ID }) => !old.has(ID))) || undefined
        },
        LIMIT_MS,
      )
      times.push(performance.now() - began)
      // Swarm watches what it started for 5 s more, and only then takes the next update.
      await waitFor('the update is over', async () => isOver(await docker.getService(id).inspect()), LIMIT_MS)
    }
    return times
  })

const isOver = (service: { readonly UpdateStatus?: { readonly State?: string } }): true | undefined =>
  service.UpdateStatus?.State === 'completed' || undefined

const ourReplacements = async (kills: number): Promise<readonly number[]> => {
  const stowage = await startStowage()
  try {
    return await measureReplacements(stowage.ecs, kills)
  } finally {
    await stowage.dispose()
  }
}

const ourUpdates = async (runs: number): Promise<readonly number[]> => {
  const stowage = await startStowage()
  const client = stowage.ecs
  try {
    await client.send(new ecs.RegisterTaskDefinitionCommand(idleTask('update')))
    const service = { serviceName: 'update', taskDefinition: 'update', desiredCount: TASKS }
    await client.send(new ecs.CreateServiceCommand(service))
    const arns = async () => (await client.send(new ecs.ListTasksCommand({ serviceName: 'update' }))).taskArns ?? []
    const allRun = async (old: ReadonlySet<string>): Promise<true | undefined> => {
      const now = await arns()
      if (now.length !== TASKS || now.some(arn => old.has(arn))) return undefined
      const { tasks = [] } = await client.send(new ecs.DescribeTasksCommand({ tasks: now }))
      return tasks.every(task => task.lastStatus === 'RUNNING') || undefined
    }
    await waitFor('all run', () => allRun(new Set()), LIMIT_MS)
    const times: number[] = []
    for (let run = 0; run < runs; run++) {
      const old = new Set(await arns())
      const began = performance.now()
      await client.send(new ecs.UpdateServiceCommand({ service: 'update', forceNewDeployment: true }))
      await waitFor('all are new', () => allRun(old), LIMIT_MS)
      times.push(performance.now() - began)
    }
    return times
  } finally {
    await stowage.dispose()
  }
}

if (import.meta.main) await runAlone(swarm)
