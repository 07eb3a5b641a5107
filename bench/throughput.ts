// A hundred tasks of one busybox container, through Stowage (first RunTask -> all RUNNING as the caller sees it) against the
// Docker Engine alone (create + start of the same containers, four at a time, which is its best on two cores). In turns, so
// that both meet the same machine; the median of three.
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import {
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { createOptions } from '../src/runtime/docker/create-options.ts'
import { IDLE, idleTask } from '../test/e2e/definitions.ts'
import { startStowage } from '../test/e2e/stowage.ts'
import { ensureTestImage, SOCKET, TEST_IMAGE, testDocker } from '../test/e2e/test-image.ts'
import { atLeast, type Benchmark, type Figure, median, runAlone } from './figure.ts'

const TASKS = 100
const ROUNDS = 3
const CONCURRENCY = 4
/** A caller who asks about a hundred tasks without pause would take from the engine what it measures: half a core and more. */
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
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      raw.push(count / (await rawSeconds(count, networkMode)))
      ours.push(count / (await stowageSeconds(count, networkMode)))
    }
    const ratio = median(ours) / median(raw)
    const rates = `${median(ours).toFixed(1)}/s of ${median(raw).toFixed(1)}/s`
    figures.push({
      what: `${count} tasks against the raw engine, ${networkMode}`,
      measured: `${ratio.toFixed(2)} (${rates})`,
      ...atLeast(ratio, 0.95, '0.95'),
    })
  }
  return figures
}

const stowageSeconds = async (count: number, networkMode: NetworkMode): Promise<number> => {
  const stowage = await startStowage()
  try {
    const { ecs } = stowage
    await ecs.send(new RegisterTaskDefinitionCommand({ ...idleTask('many'), networkMode }))
    const began = performance.now()
    for (let left = count; left > 0; left -= PER_CALL) {
      const { failures = [] } = await ecs.send(
        new RunTaskCommand({ taskDefinition: 'many', count: Math.min(PER_CALL, left) }),
      )
      if (failures.length > 0) throw new Error(`not placed: ${JSON.stringify(failures)}`)
    }
    const areRunning = async (): Promise<boolean> => {
      const { taskArns = [] } = await ecs.send(new ListTasksCommand({ family: 'many' }))
      const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ tasks: taskArns }))
      return tasks.filter(task => task.lastStatus === 'RUNNING').length === count
    }
    while (!(await areRunning())) {
      if (performance.now() - began > LIMIT_MS) throw new Error(`not RUNNING within ${LIMIT_MS / 1000} s`)
      await new Promise(resolve => setTimeout(resolve, ASK_EACH_MS))
    }
    return (performance.now() - began) / 1000
  } finally {
    await stowage.dispose()
  }
}

/** By node:http over kept connections, with the very body that the driver sends. */
const rawSeconds = async (count: number, networkMode: NetworkMode): Promise<number> => {
  const agent = new Agent({ keepAlive: true })
  const run = randomBytes(4).toString('hex')
  const ids: string[] = []
  const began = performance.now()
  let made = 0
  const work = async () => {
    for (let number = made++; number < count; number = made++) {
      const body = createOptions({
        name: `stowage-bench-${run}-${number}`,
        image: TEST_IMAGE,
        command: IDLE,
        environment: {},
        labels: { 'stowage-bench.run': run },
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
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
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
