// Many tasks: a `stowage server` with its journal on disk, a process of simulated hosts over real sockets, and services of a
// thousand tasks each. How many tasks a second are placed and reported RUNNING, what the API's callers notice meanwhile, what
// it costs in CPU time and memory, and how long the server then takes to start again.
//   npm run bench -- scale [--quick]                 100,000 tasks on 500 instances (quick: 5,000 on 50)
//   node bench/scale.ts --tasks 20000 --instances 200
//   node bench/scale.ts --whole                      with the product's whole agents, which share the machine's two cores
//   node bench/scale.ts --profile <dir>              with CPU profiles of the server, one a start, and of the agents
// Wall-clock figures count only on a machine that does nothing else; CPU time counts anywhere.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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
import { cpuMs, cpuMsByThread } from './cpu.ts'
import { atLeast, atMost, type Benchmark, type Figure, runAlone, seconds } from './figure.ts'

/** The signer signs for this region; so everything is there. */
const REGION = 'eu-west-1'
const PER_SERVICE = 1_000
/** Of a first service: calls are to cost the same beside many more. */
const FEW = 100
const COSTED_CALLS = 2_000
/** How long the server is watched without calls. */
const ALONE_MS = 5_000
/** Between two requests of the caller whose waits are measured: a hundred a second. */
const CALL_EVERY_MS = 10
const LIMIT_MS = 1_800_000
const SPACE = '--max-semi-space-size=64'

type Size = { readonly tasks: number; readonly instances: number }
type Server = {
  readonly child: ChildProcess
  readonly endpoint: string
  readonly startedMs: number
  readonly startedCpuMs: number
}

export const scale: Benchmark = async ({ quick }) => {
  const { values } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      tasks: { type: 'string' },
      instances: { type: 'string' },
      whole: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const size: Size = {
    tasks: Number(values.tasks ?? (quick ? 5_000 : 100_000)),
    instances: Number(values.instances ?? (quick ? 50 : 500)),
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
    const agents = startAgents(
      [server.endpoint, REGION, String(size.instances), values.whole ? 'whole' : 'lean'],
      values.profile,
    )
    started.push(agents)
    const launched = await launch(server, agents, size)
    agents.stdin?.end()
    await once(agents, 'exit')
    // A crash, unless its profile is wanted.
    await end(server.child, values.profile === undefined ? 'SIGKILL' : 'SIGTERM')
    const again = await start()
    const limit = atMost(again.startedMs, 3_000, '3 s')
    const measured = `${seconds(again.startedMs)} (${seconds(again.startedCpuMs)} of CPU time)`
    const restart = { what: `restart with ${size.tasks} tasks to GET /health`, measured }
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
  return { child, endpoint, startedMs: performance.now() - began, startedCpuMs: await cpuOf(child) }
}

const startAgents = (input: readonly string[], profile: string | undefined): ChildProcess =>
  // As the launcher starts an agent.
  spawn(process.execPath, [SPACE, join(ROOT, 'bench/scale-agents.ts'), ...input], {
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
  await createServices(ecs, FEW, 'few')
  await allRun(ecs, FEW)
  const calls = await callsOf(server.endpoint)
  const few = await costOfCalls(server, calls)
  const threads = () => cpuMsByThread(server.child.pid ?? -1)
  const before = {
    threads: await threads(),
    server: await cpuOf(server.child),
    agents: await cpuOf(agents),
    resident: await memoryMib(server),
  }
  const began = performance.now()
  const caller = startCalling(calls)
  await createServices(ecs, tasks - FEW, 'scale')
  await allRun(ecs, tasks)
  const took = performance.now() - began
  const times = await caller.stop()
  const made = tasks - FEW
  const perTask = async (child: ChildProcess, from: number) => (((await cpuOf(child)) - from) * 1000) / made
  const micros = { server: await perTask(server.child, before.server), agents: await perTask(agents, before.agents) }
  const each = [...(await threads())]
    .map(([name, ms]) => ({ name, micros: ((ms - (before.threads.get(name) ?? 0)) * 1000) / made }))
    .filter(({ micros }) => micros >= 1)
    .map(({ name, micros }) => `${name} ${micros.toFixed(0)}`)
  const grown = (await memoryMib(server)).now - before.resident.now
  const many = await costOfCalls(server, calls)
  ecs.destroy()
  calls.close()
  const rate = made / (took / 1000)
  const p99 = percentile(times, 0.99)
  return [
    {
      what: `${tasks} tasks on ${instances} instances, placed and reported RUNNING`,
      measured: `${rate.toFixed(0)}/s (${seconds(took)}; load average ${loadavg()[0]?.toFixed(1)})`,
      ...atLeast(rate, 3_000, '3,000/s'),
    },
    {
      what: '  API meanwhile (describe and list)',
      measured: `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${times.length} calls)`,
      ...atMost(p99, 50, 'p99 50 ms'),
    },
    { what: '  CPU time of the server a task', measured: `${micros.server.toFixed(0)} µs (${each.join(', ')})` },
    { what: '  CPU time of the agents a task', measured: `${micros.agents.toFixed(0)} µs` },
    ...(await memoryOf(server, 'with them')),
    { what: '  memory a task', measured: `${((grown * 1024) / made).toFixed(1)} KiB` },
    ...costFigures(few, many, tasks),
  ]
}

const createServices = async (ecs: ECSClient, tasks: number, name: string): Promise<void> => {
  for (let made = 0; made * PER_SERVICE < tasks; made++) {
    const desiredCount = Math.min(PER_SERVICE, tasks - made * PER_SERVICE)
    await ecs.send(new CreateServiceCommand({ serviceName: `${name}-${made}`, taskDefinition: 'scale', desiredCount }))
  }
}

const allRun = (ecs: ECSClient, tasks: number): Promise<true> =>
  waitFor(
    'all tasks are RUNNING',
    async () => {
      const { clusters } = await ecs.send(new DescribeClustersCommand({}))
      return clusters?.[0]?.runningTasksCount === tasks || undefined
    },
    LIMIT_MS,
  )

type Calls = {
  /** Signs and sends the next one; resolves with how long its answer took. */
  readonly next: () => Promise<number>
  readonly close: () => void
}

/** Describes and lists, one after the other, of a service that is there all the time, and of the cluster. */
const callsOf = async (endpoint: string): Promise<Calls> => {
  const agent = new Agent({ keepAlive: true })
  const send = async (operation: string, input: object): Promise<{ took: number; text: string }> => {
    const body = JSON.stringify(input)
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
    }
    const signed = await signedHeaders({ endpoint, service: 'ecs', headers, body, credentials: KEYS })
    const from = performance.now()
    const text = await post(agent, endpoint, signed, body)
    return { took: performance.now() - from, text }
  }
  const { taskArns } = JSON.parse((await send('ListTasks', { serviceName: 'few-0', maxResults: 10 })).text)
  const asked = [
    ['DescribeServices', { services: ['few-0'] }],
    ['ListTasks', { serviceName: 'few-0', maxResults: 10 }],
    ['DescribeTasks', { tasks: taskArns }],
    ['ListTasks', { maxResults: 10 }],
  ] as const
  let count = 0
  return {
    next: async () => {
      const [operation, input] = asked[count++ % asked.length] ?? asked[0]
      return (await send(operation, input)).took
    },
    close: () => agent.destroy(),
  }
}

type Cost = { readonly callMicros: number; readonly aloneMs: number }

/**
 * The server's CPU time of a call, once it is warm, and what it uses a second when nobody calls: its hosts' heartbeats, and after a
 * launch the rest of that. This goes on between the calls, one after the other, and is no part of what they cost.
 */
const costOfCalls = async (server: Server, calls: Calls): Promise<Cost> => {
  for (let made = 0; made < COSTED_CALLS; made++) await calls.next()
  const before = await aloneFor(server)
  const began = performance.now()
  const from = await cpuOf(server.child)
  for (let made = 0; made < COSTED_CALLS; made++) await calls.next()
  const used = (await cpuOf(server.child)) - from
  const took = performance.now() - began
  const aloneMs = (before + (await aloneFor(server))) / 2
  return { callMicros: ((used - (aloneMs * took) / 1000) * 1000) / COSTED_CALLS, aloneMs }
}

const costFigures = (few: Cost, many: Cost, tasks: number): readonly Figure[] => [
  {
    what: `  CPU time of a describe or list, with ${FEW} and with ${tasks} tasks`,
    measured: `${few.callMicros.toFixed(0)} µs, ${many.callMicros.toFixed(0)} µs`,
    ...atMost(many.callMicros / few.callMicros, 1.5, '1.5 times'),
  },
  {
    what: '  CPU time of the server that nobody calls, the same',
    measured: `${few.aloneMs.toFixed(0)} ms/s, ${many.aloneMs.toFixed(0)} ms/s`,
  },
]

/** Milliseconds of CPU time a second, without calls. */
const aloneFor = async (server: Server): Promise<number> => {
  const from = await cpuOf(server.child)
  await sleep(ALONE_MS)
  return (((await cpuOf(server.child)) - from) * 1000) / ALONE_MS
}

/** A call now and then, and how long each answer took. */
const startCalling = (calls: Calls) => {
  const times: number[] = []
  let calling = true
  const run = async (): Promise<void> => {
    while (calling) {
      times.push(await calls.next())
      await sleep(CALL_EVERY_MS)
    }
  }
  const running = run()
  return {
    stop: async (): Promise<readonly number[]> => {
      calling = false
      await running
      return times
    },
  }
}

const post = (agent: Agent, endpoint: string, headers: Record<string, string>, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', agent, headers }, async answer => {
      const said = await text(answer)
      if (answer.statusCode === 200) resolve(said)
      else reject(new Error(`${answer.statusCode}: ${said}`))
    })
    sent.on('error', reject).end(body)
  })

const cpuOf = ({ pid }: ChildProcess): Promise<number> => cpuMs(pid ?? -1)

const memoryMib = async ({ child }: Server): Promise<{ now: number; most: number }> => {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  const mib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  return { now: mib('VmRSS'), most: mib('VmHWM') }
}

const memoryOf = async (server: Server, when: string): Promise<readonly Figure[]> => {
  const { now, most } = await memoryMib(server)
  return [{ what: `  memory of the server, ${when}`, measured: `${now.toFixed(0)} MiB (at most ${most.toFixed(0)})` }]
}

if (import.meta.main) await runAlone(scale)
