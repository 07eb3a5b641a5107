// Memory of an idle Stowage, as resident set size: the server alone, an agent alone, and both in one process. Right after the
// start, which is when most is in use that will never be again.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isHealthy, KEYS, ROOT } from '../test/e2e/stowage.ts'
import { waitFor } from '../test/e2e/wait-for.ts'
import { atMost, type Benchmark, runAlone } from './figure.ts'

const IDLE_MS = 20_000
const MIB = 1024

export const memory: Benchmark = async ({ quick }) => {
  const idleMs = quick ? 3_000 : IDLE_MS
  const alone = await measure(['server'], idleMs)
  const both = await measure(['up'], idleMs)
  return [
    { what: 'idle memory, server', measured: mib(alone.server), ...atMost(alone.server, 150, '150 MiB') },
    { what: 'idle memory, server and agent in one (up)', measured: mib(both.server) },
    {
      what: '  what the agent adds',
      measured: mib(both.server - alone.server),
      ...atMost(both.server - alone.server, 60, '60 MiB'),
    },
    { what: 'idle memory, agent in a process of its own', measured: mib(alone.agent ?? Number.NaN) },
  ]
}

const mib = (value: number): string => `${value.toFixed(0)} MiB`

/** The server, and for a server alone then an agent beside it. */
const measure = async (role: readonly string[], idleMs: number): Promise<{ server: number; agent?: number }> => {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const data = await mkdtemp(join(tmpdir(), 'stowage-bench-'))
  const started: ChildProcess[] = []
  const start = (...args: string[]): ChildProcess => {
    const keys = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey }
    const root = {
      STOWAGE_ROOT_ACCESS_KEY_ID: KEYS.accessKeyId,
      STOWAGE_ROOT_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    }
    const child = spawn(join(ROOT, 'stowage'), args, { stdio: 'ignore', env: { ...process.env, ...keys, ...root } })
    started.push(child)
    return child
  }
  try {
    const server = start(...role, '--data', data, '--port', String(port))
    await waitFor('stowage answers', async () => (await isHealthy(endpoint)) || undefined)
    await sleep(idleMs)
    const resident = await residentMib(server)
    if (!role.includes('server')) return { server: resident }
    const agent = start('agent', '--endpoint', endpoint, '--data', join(data, 'agent'))
    await sleep(idleMs)
    return { server: resident, agent: await residentMib(agent) }
  } finally {
    for (const child of started.reverse()) {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
    await rm(data, { recursive: true })
  }
}

const residentMib = async (child: ChildProcess): Promise<number> => {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / MIB
}

if (import.meta.main) await runAlone(memory)
