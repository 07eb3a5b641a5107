// A real `./stowage up` for a test: its own data directory, port and account, started, killed and started again as the test
// likes, and in the end every container, volume and file of it removed.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DescribeContainerInstancesCommand, ECSClient, ListContainerInstancesCommand } from '@aws-sdk/client-ecs'
import type { ContainerInspectInfo } from 'dockerode'
import { NETWORK_LABEL } from '../../src/runtime/docker/networks.ts'
import { removeTaskGroup } from '../../src/runtime/docker/task-groups.ts'
import { testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

export const ROOT = resolve(import.meta.dirname, '../..')
export const KEYS = { accessKeyId: 'AKIATESTTESTTESTTEST', secretAccessKey: 'test-secret-access-key' }
export const REGION = 'us-east-1'

export type Stowage = {
  readonly port: number
  readonly endpoint: string
  readonly dataDir: string
  readonly accountId: string
  readonly ecs: ECSClient
  readonly pid: () => number
  /** What it has written to standard error so far. */
  readonly errors: () => string
  /** SIGKILL, as a power cut does it. */
  readonly kill: () => Promise<void>
  /** SIGTERM; resolves with its exit code. */
  readonly terminate: () => Promise<number | null>
  /** Starts it again on the same data and port; resolves once /health answers 200. */
  readonly start: () => Promise<void>
  /** Resolves once all its container instances are connected. */
  readonly connected: () => Promise<unknown>
  /** Ids of the engine's containers, running or not, that its tasks made. */
  readonly containers: () => Promise<readonly string[]>
  /** Ends it and removes all it made. */
  readonly dispose: () => Promise<void>
}

export type StowageOptions = {
  readonly runtime?: 'docker' | 'fake'
  readonly instances?: number
  readonly args?: readonly string[]
  /** Of its container instances, and of the client. */
  readonly region?: string
  readonly env?: Readonly<Record<string, string>>
}

export const startStowage = async (options: StowageOptions = {}): Promise<Stowage> => {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-e2e-'))
  // An account of its own tells its containers from those of any other Stowage on this machine.
  const accountId = String(randomInt(1e11, 1e12 - 1))
  const { child, start, errors } = launcher(options, { port, endpoint, dataDir, accountId })
  const ecs = new ECSClient({ endpoint, region: options.region ?? REGION, credentials: KEYS })
  const connected = () => allConnected(ecs, options.instances ?? 1)
  const containers = () => containersOf(accountId)
  const end = async (signal: NodeJS.Signals) => {
    const process = child()
    if (process.exitCode !== null || process.signalCode !== null) return process.exitCode
    const exited = once(process, 'exit')
    process.kill(signal)
    await exited
    return process.exitCode
  }
  const dispose = async () => {
    ecs.destroy()
    await end('SIGTERM')
    await endDataPlane(dataDir)
    if (options.runtime !== 'fake') await removeAllOf(accountId)
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await start()
    await connected()
  } catch (error) {
    // Nobody else can: left running, it would keep this process from its end and disturb the next test.
    await dispose().catch(() => {})
    throw new Error(`stowage did not come up; it said: ${errors() || 'nothing'}`, { cause: error })
  }
  return {
    ...{ port, endpoint, dataDir, accountId, ecs, errors, start, connected, containers },
    pid: () => child().pid ?? -1,
    kill: async () => {
      await end('SIGKILL')
    },
    terminate: () => end('SIGTERM'),
    dispose,
  }
}

/** HAProxy outlives Stowage: it is ended by its pid file. */
const endDataPlane = async (dataDir: string): Promise<void> => {
  const text = await readFile(join(dataDir, 'load-balancer/haproxy.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (pid > 0 && line.includes(dataDir)) process.kill(pid, 'SIGTERM')
}

/** The server answers a moment before its agents have joined. One that throttles may say no to so much asking. */
const allConnected = (ecs: ECSClient, count: number): Promise<true> =>
  waitFor('the container instances are connected', () =>
    areConnected(ecs, count).catch(error => {
      if (!['ClusterNotFoundException', 'ThrottlingException'].includes(error.name)) throw error
      return undefined
    }),
  )

const areConnected = async (ecs: ECSClient, count: number): Promise<true | undefined> => {
  const { containerInstanceArns: arns = [] } = await ecs.send(new ListContainerInstancesCommand({ maxResults: 100 }))
  if (arns.length < Math.min(count, 100)) return undefined
  const described = await ecs.send(new DescribeContainerInstancesCommand({ containerInstances: arns }))
  return described.containerInstances?.every(instance => instance.agentConnected) || undefined
}

const launcher = (
  options: StowageOptions,
  at: { readonly port: number; readonly endpoint: string; readonly dataDir: string; readonly accountId: string },
) => {
  let running: ChildProcess | undefined
  let errors = ''
  const flags = ['--data', at.dataDir, '--port', String(at.port), '--account-id', at.accountId]
  const runtime = [
    ...['--runtime', options.runtime ?? 'docker', '--instances', String(options.instances ?? 1)],
    ...['--region', options.region ?? REGION],
  ]
  const env = {
    ...process.env,
    STOWAGE_ROOT_ACCESS_KEY_ID: KEYS.accessKeyId,
    STOWAGE_ROOT_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    ...options.env,
  }
  const child = (): ChildProcess => {
    if (!running) throw new Error('stowage was never started')
    return running
  }
  const start = async () => {
    const args = ['up', ...flags, ...runtime, ...(options.args ?? [])]
    const stowage = spawn(join(ROOT, 'stowage'), args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    running = stowage
    stowage.stderr.setEncoding('utf8').on('data', text => {
      errors = (errors + text).slice(-100_000)
    })
    await waitFor('stowage answers /health', async () => {
      if (stowage.exitCode !== null) throw new Error(`stowage ended with ${stowage.exitCode}: ${errors}`)
      return (await isHealthy(at.endpoint)) || undefined
    })
  }
  return { child, start, errors: () => errors }
}

export const isHealthy = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/health`).then(
    async answer => {
      await answer.arrayBuffer()
      return answer.status === 200
    },
    () => false,
  )

/** Below those that the kernel gives to outgoing connections and the engine to containers: nobody takes one while it is let go. */
const FIRST_PORT = 10_000
const LAST_PORT = 29_999

export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })

const CLUSTER_LABEL = 'com.amazonaws.ecs.cluster'
const TASK_LABEL = 'com.amazonaws.ecs.task-arn'
const isOf = (accountId: string, labels: Readonly<Record<string, string>> | undefined): boolean =>
  Object.values(labels ?? {}).some(value => value.startsWith('arn:aws:ecs:') && value.includes(`:${accountId}:`))

export const containersOf = async (accountId: string): Promise<readonly string[]> => {
  const all = await testDocker().listContainers({ all: true, filters: { label: [CLUSTER_LABEL] } })
  return all.filter(container => isOf(accountId, container.Labels)).map(container => container.Id)
}

/** What the engine says of each of its containers; nothing of one that is removed meanwhile. */
export const inspectAll = async ({
  containers,
}: Pick<Stowage, 'containers'>): Promise<readonly ContainerInspectInfo[]> => {
  const found = await Promise.all((await containers()).map(id => inspected(id)))
  return found.filter(info => info !== undefined)
}

const inspected = (id: string): Promise<ContainerInspectInfo | undefined> =>
  testDocker()
    .getContainer(id)
    .inspect()
    .catch(error => {
      if (error.statusCode !== 404) throw error
      return undefined
    })

/** Ids of the tasks that these containers are of. */
const tasksOf = async (containers: readonly string[]): Promise<ReadonlySet<string>> => {
  const all = await testDocker().listContainers({ all: true, filters: { label: [CLUSTER_LABEL] } })
  const arns = all.filter(({ Id }) => containers.includes(Id)).map(({ Labels }) => Labels[TASK_LABEL] ?? '')
  return new Set(arns.map(arn => arn.split('/').at(-1) ?? '').filter(id => id !== ''))
}

export const removeAllOf = async (accountId: string): Promise<void> => {
  const docker = testDocker()
  const left = [...(await containersOf(accountId))]
  const tasks = await tasksOf(left)
  // Four at a time: more only makes each slower.
  const remove = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      await docker.getContainer(id).remove({ force: true, v: true }).catch(ignoreAbsent)
    }
  }
  await Promise.all(Array.from({ length: 4 }, remove))
  // The agent that would have done it was ended before their time.
  for (const id of tasks) await removeTaskGroup(id)
  const { Volumes } = await docker.listVolumes({ filters: { label: [CLUSTER_LABEL] } })
  for (const volume of Volumes ?? []) {
    if (isOf(accountId, volume.Labels)) await docker.getVolume(volume.Name).remove().catch(ignoreAbsent)
  }
  // Refused while another's containers are on them.
  for (const { Id } of await docker.listNetworks({ filters: { label: [NETWORK_LABEL] } }))
    await docker.getNetwork(Id).remove().catch(ignoreUsed)
}

const ignoreUsed = (error: unknown): void => {
  if (!(error instanceof Error && 'statusCode' in error && [403, 404, 409].includes(Number(error.statusCode))))
    throw error
}

const ignoreAbsent = (error: unknown): void => {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  if (status !== 404 && status !== 409) throw error
}
