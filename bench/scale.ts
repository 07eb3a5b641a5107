// Many tasks: a `stowage server` with its journal on disk, a process of simulated agents over real sockets, and services of a
// thousand tasks each. How many tasks a second are placed and reported RUNNING, what the API's callers notice meanwhile, what
// it costs in CPU time and memory, and how long the server then takes to start again.
//   node bench/scale.ts [--quick]                    20,000 tasks on 200 instances (quick: 5,000 on 50)
//   node bench/scale.ts --tasks 100000 --instances 1000
//   node bench/scale.ts --profile <dir>              with CPU profiles of the server, one a start, and of the agents
// Wall-clock figures count only on a machine that does nothing else; CPU time counts anywhere.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  CreateServiceCommand,
  DescribeClustersCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { signedHeaders } from '../src/aws/test-sign.ts'
import { percentile } from '../test/e2e/percentile.ts'
import { freePort, isHealthy, KEYS, ROOT } from '../test/e2e/stowage.ts'
import { waitFor } from '../test/e2e/wait-for.ts'
import { atLeast, atMost, type Benchmark, type Figure, runAlone, seconds } from './figure.ts'

/** The signer signs for this region; so everything is there. */
const REGION = 'eu-west-1'
const PER_SERVICE = 1_000
/** Between two requests of the caller whose waits are measured: a hundred a second. */
const CALL_EVERY_MS = 10
const LIMIT_MS = 600_000
/** Jiffies of /proc/<pid>/stat. */
const JIFFY_MS = 10

type Size = { readonly tasks: number; readonly instances: number }
type Server = { readonly child: ChildProcess; readonly endpoint: string; readonly startedMs: number }

export const scale: Benchmark = async ({ quick }) => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      tasks: { type: 'string' },
      instances: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const size: Size = {
    tasks: Number(values.tasks ?? (quick ? 5_000 : 20_000)),
    instances: Number(values.instances ?? (quick ? 50 : 200)),
  }
  const data = await mkdtemp(join(tmpdir(), 'stowage-bench-'))
  const port = await freePort()
  const started: ChildProcess[] = []
  const start = async (): Promise<Server> => {
    const server = await startServer(port, data, values.profile)
    started.push(server.child)
    return server
  }
  try {
    const server = await start()
    const agents = startAgents(server.endpoint, size.instances, values.profile)
    started.push(agents)
    const launched = await launch(server, agents, size)
    agents.stdin?.end()
    await once(agents, 'exit')
    // A crash, unless its profile is wanted.
    await end(server.child, values.profile === undefined ? 'SIGKILL' : 'SIGTERM')
    const again = await start()
    const limit = atMost(again.startedMs, 3_000, '3 s')
    const restart = { what: `restart with ${size.tasks} tasks to GET /health`, measured: seconds(again.startedMs) }
    return [
      ...launched,
      { ...restart, ...(size.tasks === 100_000 ? limit : {}) },
      ...(await memoryOf(again, 'after it')),
    ]
  } finally {
    for (const child of started) await end(child)
    await rm(data, { recursive: true })
  }
}

const startServer = async (port: number, data: string, profile: string | undefined): Promise<Server> => {
  const endpoint = `http://127.0.0.1:${port}`
  const env = {
    ...process.env,
    STOWAGE_ROOT_ACCESS_KEY_ID: KEYS.accessKeyId,
    STOWAGE_ROOT_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    ...profiled(profile),
  }
  const began = performance.now()
  const args = ['server', '--data', data, '--port', String(port)]
  const child = spawn(join(ROOT, 'stowage'), args, { stdio: ['ignore', 'ignore', 'inherit'], env })
  await waitFor(
    'the server answers',
    async () => {
      if (child.exitCode !== null) throw new Error(`stowage ended with ${child.exitCode}`)
      return (await isHealthy(endpoint)) || undefined
    },
    60_000,
  )
  return { child, endpoint, startedMs: performance.now() - began }
}

const startAgents = (endpoint: string, instances: number, profile: string | undefined): ChildProcess =>
  spawn(process.execPath, [join(ROOT, 'bench/scale-agents.ts'), endpoint, REGION, String(instances)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...profiled(profile) },
  })

const profiled = (directory: string | undefined) =>
  directory === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${directory}` }

const end = async (child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

const launch = async (server: Server, agents: ChildProcess, { tasks, instances }: Size): Promise<readonly Figure[]> => {
  if (agents.stdout) await once(agents.stdout, 'data')
  const ecs = new ECSClient({ endpoint: server.endpoint, region: REGION, credentials: KEYS })
  const main = { name: 'main', image: 'fake/run', cpu: 32, memory: 16 }
  await ecs.send(new RegisterTaskDefinitionCommand({ family: 'scale', containerDefinitions: [main] }))
  const before = { server: await cpuMs(server.child), agents: await cpuMs(agents) }
  const began = performance.now()
  const caller = await startCalling(server.endpoint)
  for (let made = 0; made * PER_SERVICE < tasks; made++) {
    const desiredCount = Math.min(PER_SERVICE, tasks - made * PER_SERVICE)
    await ecs.send(new CreateServiceCommand({ serviceName: `scale-${made}`, taskDefinition: 'scale', desiredCount }))
  }
  await waitFor(
    'all tasks are RUNNING',
    async () => {
      const { clusters } = await ecs.send(new DescribeClustersCommand({}))
      return clusters?.[0]?.runningTasksCount === tasks || undefined
    },
    LIMIT_MS,
  )
  const took = performance.now() - began
  const times = await caller.stop()
  const perTask = async (child: ChildProcess, from: number) => (((await cpuMs(child)) - from) * 1000) / tasks
  const micros = { server: await perTask(server.child, before.server), agents: await perTask(agents, before.agents) }
  ecs.destroy()
  const rate = tasks / (took / 1000)
  const p99 = percentile(times, 0.99)
  return [
    {
      what: `${tasks} tasks on ${instances} instances, placed and reported RUNNING`,
      measured: `${rate.toFixed(0)}/s (${seconds(took)}; load average ${loadavg()[0]?.toFixed(1)})`,
      ...atLeast(rate, 3_000, '3,000/s'),
    },
    {
      what: '  API meanwhile (DescribeServices, ListTasks)',
      measured: `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${times.length} calls)`,
      ...atMost(p99, 50, 'p99 50 ms'),
    },
    { what: '  CPU time of the server a task', measured: `${micros.server.toFixed(0)} µs` },
    { what: '  CPU time of the agents a task', measured: `${micros.agents.toFixed(0)} µs` },
    ...(await memoryOf(server, 'with them')),
  ]
}

/** Signs and sends a call now and then, and keeps how long each answer took. */
const startCalling = async (endpoint: string) => {
  const agent = new Agent({ keepAlive: true })
  const calls = [
    { operation: 'DescribeServices', body: JSON.stringify({ services: ['scale-0'] }) },
    { operation: 'ListTasks', body: JSON.stringify({ serviceName: 'scale-0' }) },
  ]
  const signed = await Promise.all(
    calls.map(async ({ operation, body }) => {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
      }
      return { body, sign: () => signedHeaders({ endpoint, service: 'ecs', headers, body, credentials: KEYS }) }
    }),
  )
  const times: number[] = []
  let calling = true
  const call = async (at: number): Promise<void> => {
    const next = signed[at % signed.length]
    if (next === undefined) return
    const headers = await next.sign()
    const from = performance.now()
    await post(agent, endpoint, headers, next.body)
    times.push(performance.now() - from)
  }
  const run = async (): Promise<void> => {
    for (let at = 0; calling; at++) {
      await call(at)
      await sleep(CALL_EVERY_MS)
    }
  }
  const running = run()
  return {
    stop: async (): Promise<readonly number[]> => {
      calling = false
      await running
      agent.destroy()
      return times
    },
  }
}

/** Whatever the answer's status: the service is not there yet at first. */
const post = (agent: Agent, endpoint: string, headers: Record<string, string>, body: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', agent, headers }, answer =>
      answer.resume().on('end', resolve).on('error', reject),
    )
    sent.on('error', reject).end(body)
  })

/** User and system time of all its threads. */
const cpuMs = async ({ pid }: ChildProcess): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * JIFFY_MS
}

const memoryOf = async ({ child }: Server, when: string): Promise<readonly Figure[]> => {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  const mib = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024).toFixed(0)
  return [{ what: `  memory of the server, ${when}`, measured: `${mib('VmRSS')} MiB (at most ${mib('VmHWM')})` }]
}

if (import.meta.main) await runAlone(scale)
