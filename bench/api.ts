// Signed reads and durable writes a second over 32 connections, sent by a process of its own to a `stowage up` with the fake
// runtime and the journal on disk. The requests are signed beforehand: what is measured is the server's work, which
// verifies every one.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { CreateServiceCommand, ListTasksCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { signedHeaders } from '../src/aws/test-sign.ts'
import { idleTask } from '../test/e2e/definitions.ts'
import { KEYS, ROOT, type Stowage, startStowage } from '../test/e2e/stowage.ts'
import { waitFor } from '../test/e2e/wait-for.ts'
import { cpuMs } from './cpu.ts'
import { atLeast, atMost, type Benchmark, runAlone } from './figure.ts'
import type { Load, LoadResult } from './load.ts'

const CONNECTIONS = 32
/** The signer signs for this region; so everything that is asked about lives there. */
const REGION = 'eu-west-1'
const DIFFERENT_WRITES = 500

export const api: Benchmark = async ({ quick }) => {
  const stowage = await startStowage({ runtime: 'fake', region: REGION })
  try {
    await stowage.ecs.send(new RegisterTaskDefinitionCommand(idleTask('load', { image: 'fake/run' })))
    const service = { serviceName: 'load', taskDefinition: 'load', desiredCount: 20 }
    const { service: made } = await stowage.ecs.send(new CreateServiceCommand(service))
    const tasks = await waitFor('tasks run', async () => {
      const { taskArns = [] } = await stowage.ecs.send(new ListTasksCommand({ serviceName: 'load' }))
      return taskArns.length === 20 ? taskArns : undefined
    })
    const under = async (requests: readonly Promise<string>[]) => {
      const load = { port: stowage.port, connections: CONNECTIONS, requests: await Promise.all(requests) }
      await sendLoad({ ...load, seconds: 1 })
      const from = await cpuMs(stowage.pid())
      const result = await sendLoad({ ...load, seconds: quick ? 2 : 8 })
      return { ...result, micros: (((await cpuMs(stowage.pid())) - from) * 1000) / result.answers }
    }
    const reads = await under([
      signed(stowage, 'DescribeTasks', { tasks: [tasks[0]] }),
      signed(stowage, 'ListTasks', { serviceName: 'load' }),
      signed(stowage, 'DescribeServices', { services: ['load'] }),
    ])
    const each = (write: (number: number) => Promise<string>) =>
      Array.from({ length: DIFFERENT_WRITES }, (_, n) => write(n))
    const tags = await under(
      each(n => {
        const input = { resourceArn: made?.serviceArn, tags: [{ key: `key-${n % 40}`, value: `value-${n}` }] }
        return signed(stowage, 'TagResource', input)
      }),
    )
    const definitions = await under(each(n => signed(stowage, 'RegisterTaskDefinition', idleTask(`family-${n}`))))
    return [
      ...rate('signed reads (DescribeTasks, ListTasks, DescribeServices)', reads, 5_000),
      ...rate('signed durable writes (TagResource)', tags, 2_000, 25),
      ...rate('signed durable writes (RegisterTaskDefinition)', definitions, 2_000, 25),
    ]
  } finally {
    await stowage.dispose()
  }
}

const rate = (what: string, result: LoadResult & { readonly micros: number }, least: number, p99?: number) => {
  if (result.errors > 0) throw new Error(`${what}: ${result.errors} errors`)
  const ms = `p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms`
  return [
    { what, measured: `${Math.round(result.perSecond)}/s`, ...atLeast(result.perSecond, least, `${least}/s`) },
    { what: '  their latency', measured: ms, ...(p99 ? atMost(result.p99, p99, `p99 ${p99} ms`) : {}) },
    { what: '  CPU time of the server a request', measured: `${result.micros.toFixed(0)} µs` },
  ]
}

const signed = async (stowage: Stowage, operation: string, input: object): Promise<string> => {
  const body = JSON.stringify(input)
  const headers = await signedHeaders({
    endpoint: stowage.endpoint,
    service: 'ecs',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
      'content-length': String(Buffer.byteLength(body)),
    },
    body,
    credentials: KEYS,
  })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

const sendLoad = (load: Load): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [join(ROOT, 'bench/load.ts')], (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`))
      else resolve(JSON.parse(stdout))
    })
    child.stdin?.end(JSON.stringify(load))
  })

if (import.meta.main) await runAlone(api)
