// From the start of the process `./stowage up`, on an empty data directory, to the first GET /health that answers 200.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isHealthy, ROOT } from '../test/e2e/stowage.ts'
import { atMost, type Benchmark, median, runAlone, seconds } from './figure.ts'

const RUNS = 5

export const coldStart: Benchmark = async ({ quick }) => {
  const times: number[] = []
  for (let run = 0; run < (quick ? 2 : RUNS); run++) times.push(await startOnce())
  const measured = `${seconds(median(times))} (median of ${times.length})`
  return [{ what: 'cold start to GET /health', measured, ...atMost(median(times), 1_000, '1 s') }]
}

const startOnce = async (): Promise<number> => {
  const port = await freePort()
  const data = await mkdtemp(join(tmpdir(), 'stowage-bench-'))
  const began = performance.now()
  const child = spawn(join(ROOT, 'stowage'), ['up', '--data', data, '--port', String(port)], { stdio: 'ignore' })
  while (!(await isHealthy(`http://127.0.0.1:${port}`))) {
    if (child.exitCode !== null) throw new Error(`stowage ended with ${child.exitCode}`)
    await sleep(5)
  }
  const took = performance.now() - began
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
  await rm(data, { recursive: true })
  return took
}

if (import.meta.main) await runAlone(coldStart)
