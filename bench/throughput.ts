// A hundred tasks of one busybox container, through Stowage (first RunTask -> all RUNNING as the caller sees it) against the
// Docker Engine alone (create + start of the same containers with the same labels, four at a time, which is its best on two
// cores). In turns, so that both meet the same machine; the median of three. Each side has started ten before the clock
// runs: a control plane is not restarted before a deployment, and the engine was not either. Also what the server, the agent
// and the caller use of the CPU a task: it is taken from the engine, so it is what keeps the ratio below 1. Docker Swarm starts as
// many replicas in turns with them (swarm.ts).
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import {
  DescribeClustersCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { createOptions } from '../src/runtime/docker/create-options.ts'
import { IDLE, idleTask } from '../test/e2e/definitions.ts'
import { startStowage } from '../test/e2e/stowage.ts'
import { ensureTestImage, SOCKET, TEST_IMAGE, testDocker } from '../test/e2e/test-image.ts'
import { atLeast, type Benchmark, type Figure, median, runAlone } from './figure.ts'
import { swarmSeconds } from './swarm.ts'

const TASKS = 100
const ROUNDS = 3
const CONCURRENCY = 4
const WARM_UP = 10
/** A caller who asks without pause, or for every task, would take from the engine what it measures: half a core and more. */
const ASK_EACH_MS = 200
const LIMIT_MS = 120_000
/** RunTask's most. */
const PER_CALL = 10
type NetworkMode = 'bridge' | 'host' | 'none'

export const throughput: Benchmark = async ({ quick }) => {
  await ensureTestImage(testDocker())
  const figures: Figure[] = []
  for (const networkMode of quick ? (['bridge'] as const) : (['bridge', 'host'] as const)) {
    const count = quick ? 20 : TASKS
    const raw: number[] = []
    const ours: number[] = []
    const peer: number[] = []
    const used: Used[] = []
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      raw.push(count / (await rawSeconds(count, networkMode)))
      const { seconds, ...cpu } = await throughStowage(count, networkMode)
      ours.push(count / seconds)
      used.push(cpu)
      if (networkMode === 'bridge') peer.push(count / (await swarmSeconds(count)))
    }
    const ratio = median(ours) / median(raw)
    const rates = `${median(ours).toFixed(1)}/s of ${median(raw).toFixed(1)}/s`
    figures.push({
      what: `${count} tasks against the raw engine, ${networkMode}`,
      measured: `${ratio.toFixed(2)} (${rates})`,
      ...atLeast(ratio, 0.95, '0.95'),
    })
    if (peer.length > 0) {
      const swarm = `${(median(peer) / median(raw)).toFixed(2)} (${median(peer).toFixed(1)}/s)`
      figures.push({ what: `  ${count} replicas of a Docker Swarm service, in turns with them`, measured: swarm })
    }
    const ms = (key: keyof Used) => `${median(used.map(one => one[key])).toFixed(1)} ms`
    figures.push({ what: '  CPU a task', measured: `server and agent ${ms('stowage')}, caller ${ms('caller')}` })
  }
  return figures
}

/** CPU milliseconds a task. */
type Used = { readonly stowage: number; readonly caller: number }

const throughStowage = async (
  count: number,
  networkMode: NetworkMode,
): Promise<Used & { readonly seconds: number }> => {
  const stowage = await startStowage()
  try {
    const { ecs } = stowage
    await ecs.send(new RegisterTaskDefinitionCommand({ ...idleTask('many'), networkMode }))
    await runTasks(ecs, WARM_UP, WARM_UP)
    const cpuBefore = await cpuMs(stowage.pid())
    const callerBefore = process.cpuUsage()
    const began = performance.now()
    await runTasks(ecs, count, WARM_UP + count)
    const seconds = (performance.now() - began) / 1000
    const caller = process.cpuUsage(callerBefore)
    return {
      seconds,
      stowage: ((await cpuMs(stowage.pid())) - cpuBefore) / count,
      caller: (caller.user + caller.system) / 1000 / count,
    }
  } finally {
    await stowage.dispose()
  }
}

/** Resolves when `expected` tasks of the cluster are RUNNING. */
const runTasks = async (ecs: ECSClient, count: number, expected: number): Promise<void> => {
  const began = performance.now()
  for (let left = count; left > 0; left -= PER_CALL) {
    const { failures = [] } = await ecs.send(
      new RunTaskCommand({ taskDefinition: 'many', count: Math.min(PER_CALL, left) }),
    )
    if (failures.length > 0) throw new Error(`not placed: ${JSON.stringify(failures)}`)
  }
  for (;;) {
    const { clusters = [] } = await ecs.send(new DescribeClustersCommand({}))
    if (clusters[0]?.runningTasksCount === expected) return
    if (performance.now() - began > LIMIT_MS) throw new Error(`not RUNNING within ${LIMIT_MS / 1000} s`)
    await new Promise(resolve => setTimeout(resolve, ASK_EACH_MS))
  }
}

/** User and system time of a process, as the kernel counts it: in hundredths of a second. */
const cpuMs = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // Behind the command's name, which may hold anything: fields 14 and 15 of proc(5).
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * 10
}

/** By node:http over kept connections, with the very body that the driver sends. */
const rawSeconds = async (count: number, networkMode: NetworkMode): Promise<number> => {
  const agent = new Agent({ keepAlive: true })
  const run = randomBytes(4).toString('hex')
  const ids: string[] = []
  let made = 0
  let wanted = 0
  const work = async () => {
    while (made < wanted) {
      const number = made++
      const body = createOptions({
        name: `stowage-bench-${run}-${number}`,
        image: TEST_IMAGE,
        command: IDLE,
        environment: { AWS_EXECUTION_ENV: 'AWS_ECS_EC2' },
        labels: labelsOf(run, number),
        cpuShares: 2,
        memoryBytes: 16 * 1024 * 1024,
        networkMode,
        portMappings: [],
        mounts: [],
        engineConfig: {},
        engineHostConfig: {},
      })
      const { Id } = JSON.parse(await post(agent, `/containers/create?name=stowage-bench-${run}-${number}`, body))
      ids.push(Id)
      await post(agent, `/containers/${Id}/start`)
    }
  }
  const make = async (more: number) => {
    wanted += more
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
  }
  try {
    await make(WARM_UP)
    const began = performance.now()
    await make(count)
    return (performance.now() - began) / 1000
  } finally {
    const left = [...ids]
    const remove = async () => {
      for (let id = left.pop(); id; id = left.pop()) await testDocker().getContainer(id).remove({ force: true })
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, remove))
    agent.destroy()
  }
}

/** As many and as long as those that the agent needs. */
const labelsOf = (run: string, number: number) => ({
  'stowage-bench.run': run,
  'com.amazonaws.ecs.task-arn': `arn:aws:ecs:us-east-1:000000000000:task/default/${run}${String(number).padStart(24, '0')}`,
  'com.amazonaws.ecs.task-definition-family': 'many',
  'com.amazonaws.ecs.task-definition-version': '1',
  'com.amazonaws.ecs.cluster': 'arn:aws:ecs:us-east-1:000000000000:cluster/default',
  'com.amazonaws.ecs.container-name': 'idle',
})

const post = (agent: Agent, path: string, body?: object): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {}
    const sent = request({ socketPath: SOCKET, path, method: 'POST', agent, headers }, async answer => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      if ((answer.statusCode ?? 500) < 300) resolve(text)
      else reject(new Error(`${path}: ${answer.statusCode} ${text}`))
    })
    sent.on('error', reject)
    sent.end(body ? JSON.stringify(body) : undefined)
  })

if (import.meta.main) await runAlone(throughput)
