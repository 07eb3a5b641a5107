// The store on SQLite with 100,000 tasks: what opening it takes and how much memory a task takes, in a process of its own;
// durable writes by one writer and by 32; a transaction's cost in memory alone; looking at one page of a large index.
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { changeTask, type Task } from '../src/domain/task.ts'
import { systemIds } from '../src/lib/ids.ts'
import { silentLog } from '../src/lib/log.ts'
import { openStore } from '../src/store/open-store.ts'
import { sqliteJournal } from '../src/store/sqlite/sqlite-journal.ts'
import type { Store } from '../src/store/store.ts'
import { allTables, tasks } from '../src/store/tables.ts'
import { percentile } from '../test/e2e/percentile.ts'
import { atLeast, atMost, type Benchmark, type Figure, runAlone, seconds } from './figure.ts'
import { serviceTask } from './store-task.ts'

const FILL_ROWS = 1_000

export const store: Benchmark = async ({ quick }) => {
  const count = quick ? 20_000 : 100_000
  const directory = await mkdtemp(join(tmpdir(), 'stowage-bench-'))
  const file = join(directory, 'store.db')
  try {
    const filled = await open(file)
    const started = performance.now()
    await fill(filled, count)
    const fillMs = performance.now() - started
    await filled.close()
    // The best of three: a start has the machine to itself.
    const opened = [1, 2, 3].map(() => openedElsewhere(file)).sort((a, b) => a.ms - b.ms)[0]
    const warm = await open(file)
    const figures = [
      ...(await writes(warm, 1, 1_000)),
      ...(await writes(warm, 32, 10_000)),
      ...(await inMemory(warm, 20_000)),
      pages(warm),
    ]
    await warm.close()
    const ms = opened?.ms ?? Number.NaN
    return [
      { what: `store: opening with ${count} tasks`, measured: seconds(ms), ...atMost(ms, 2_000, '2 s') },
      { what: '  heap a task', measured: `${((opened?.heap ?? 0) / count).toFixed(0)} bytes` },
      { what: `  ${count} tasks put, 1,000 a transaction`, measured: seconds(fillMs) },
      ...figures,
    ]
  } finally {
    await rm(directory, { recursive: true })
  }
}

const open = (file: string): Promise<Store> =>
  openStore({ tables: allTables, journal: sqliteJournal({ file }), log: silentLog })

const fill = async (filled: Store, count: number): Promise<void> => {
  const ids = systemIds()
  for (let from = 0; from < count; from += FILL_ROWS) {
    await filled.write(tx => {
      for (let n = from; n < from + FILL_ROWS; n++) tx.put(tasks, serviceTask(ids, n))
    })
  }
}

type Opened = { readonly ms: number; readonly heap: number }

const openedElsewhere = (file: string): Opened =>
  JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), '--open', file], {
      encoding: 'utf8',
    }),
  )

const openHere = async (file: string): Promise<Opened> => {
  const heap = (): number => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const before = heap()
  const started = performance.now()
  const opened = await open(file)
  const ms = performance.now() - started
  const grown = heap() - before
  await opened.close()
  return { ms, heap: grown }
}

/** One field of one row that is nobody else's neighbour, as a health report changes it. */
const touch = (from: Store, keys: readonly string[], n: number): Promise<void> =>
  from.write(tx => {
    const task = tx.get(tasks, keys[(n * 7_919) % keys.length] ?? '')
    if (task) tx.put(tasks, changeTask(task, { healthStatus: task.healthStatus === 'HEALTHY' ? 'UNKNOWN' : 'HEALTHY' }))
  })

const keysOf = (from: Store): string[] => [...from.all(tasks)].map((task: Task) => task.arn)

const writes = async (to: Store, writers: number, total: number): Promise<readonly Figure[]> => {
  const keys = keysOf(to)
  const times: number[] = []
  let n = 0
  const started = performance.now()
  const write = async (): Promise<void> => {
    while (n < total) {
      const before = performance.now()
      await touch(to, keys, n++)
      times.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  const rate = total / ((performance.now() - started) / 1000)
  const spread = `p50 ${percentile(times, 0.5).toFixed(2)} ms, p99 ${percentile(times, 0.99).toFixed(2)} ms`
  return [
    {
      what: `store: durable writes a second, ${writers === 1 ? 'one writer' : `${writers} writers`}`,
      measured: `${rate.toFixed(0)}/s, ${spread}`,
      ...(writers === 1 ? {} : atLeast(rate, 2_000, '2,000/s')),
    },
  ]
}

/** Without waiting between writes: what they cost the event loop, and when the last of them is durable. */
const inMemory = async (to: Store, total: number): Promise<readonly Figure[]> => {
  const keys = keysOf(to)
  const started = performance.now()
  const written = Array.from({ length: total }, (_, n) => touch(to, keys, n))
  const memoryMs = performance.now() - started
  await Promise.all(written)
  const rate = total / ((performance.now() - started) / 1000)
  return [
    { what: '  a transaction in memory', measured: `${((memoryMs * 1000) / total).toFixed(1)} µs` },
    { what: `  ${total} writes at once, durable`, measured: `${rate.toFixed(0)}/s` },
  ]
}

const pages = (from: Store): Figure => {
  const keys = keysOf(from)
  const cluster = 'arn:aws:ecs:us-east-1:000000000000:cluster/cluster-1'
  const looks = 5_000
  const started = performance.now()
  for (let look = 0; look < looks; look++) {
    const rows = from.byIndex(tasks, 'liveByCluster', cluster, keys[(look * 7_919) % keys.length])
    for (let taken = 0; taken < 100; taken++) rows.next()
  }
  const micros = ((performance.now() - started) * 1000) / looks
  return { what: '  100 rows of a large index, behind any key', measured: `${micros.toFixed(1)} µs` }
}

const at = process.argv.indexOf('--open')
if (import.meta.main && at > 0) process.stdout.write(JSON.stringify(await openHere(process.argv[at + 1] ?? '')))
else if (import.meta.main) await runAlone(store)
