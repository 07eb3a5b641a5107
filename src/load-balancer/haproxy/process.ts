// HAProxy as a process: started apart from ours in master-worker mode, found again by its master socket, reloaded, watched,
// ended. It outlives us: nothing here is its parent for long.
// Before: data-plane.ts. After: HAProxy. https://docs.haproxy.org/2.6/management.html#4
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import { rawFileIn } from '../access-log/deliver.ts'
import { ask } from './command-line.ts'

export type Running = {
  readonly masterPid: number
  /** The newest worker. */
  readonly worker: number
  /** Those that end once their last connection does. */
  readonly ending: readonly number[]
  readonly failedReloads: number
}

/** `code`: NOT_INSTALLED, or REFUSED with what HAProxy wrote. */
export class HaproxyFailure extends Error {
  override readonly name = 'HaproxyFailure'
  readonly code: 'NOT_INSTALLED' | 'REFUSED'

  constructor(code: HaproxyFailure['code'], message: string) {
    super(message)
    this.code = code
  }
}

export type HaproxyProcess = {
  /** Asks it, once it has begun or reloaded; undefined when none runs. Rejects when one runs and does not answer. */
  readonly look: () => Promise<Running | undefined>
  readonly start: () => Promise<Running>
  readonly reload: (before: Running) => Promise<Running>
  readonly stop: (running: Running) => void
  /** What one of its workers answers, old ones too. */
  readonly askWorker: (pid: number, commands: readonly string[]) => Promise<string>
  readonly isAlive: (running: Running) => boolean
}

/** A start takes about 50 ms, with a thousand servers 100: a machine that is busy may need many times that. */
const STARTED_WITHIN_MS = 20_000
const LOOK_AGAIN_MS = 10
/** Looks in a row that find none: one that reloads writes its number anew, and has no words for a moment. */
const ABSENT_TIMES = 3
/** One that ends may be gone by now, or too busy to say: whoever asks has others to serve, one at a time. */
const WORKER_ANSWERS_WITHIN_MS = 300

/** PATH of an ordinary user lacks sbin. */
const PLACES = ['haproxy', '/usr/sbin/haproxy', '/usr/local/sbin/haproxy']

export const filesOf = (folder: string) => ({
  master: join(folder, 'master.sock'),
  pid: join(folder, 'haproxy.pid'),
  log: join(folder, 'haproxy.log'),
  config: join(folder, 'haproxy.cfg'),
})

export const haproxyProcess = (folder: string, clock: Clock, programs: readonly string[] = PLACES): HaproxyProcess => {
  const files = filesOf(folder)
  const says = async (): Promise<Running | undefined> => {
    const answer = await ask(files.master, 'show proc', clock).catch(() => undefined)
    return answer === undefined ? undefined : runningOf(answer)
  }
  const until = async <T>(find: () => Promise<T | undefined>, limitMs: number): Promise<T | undefined> => {
    const end = clock.now() + limitMs
    for (;;) {
      const found = await find()
      if (found !== undefined || clock.now() > end) return found
      await clock.sleep(LOOK_AGAIN_MS)
    }
  }
  // While it begins or reloads its socket refuses. It is there all the same: another one beside it would share its ports.
  const look = async (): Promise<Running | undefined> => {
    let absences = 0
    const found = await until(async () => {
      const running = await says()
      if (running !== undefined) return { running }
      absences = isAlive(await pidIn(files.pid), files.config) || (await isListed(files.config)) ? 0 : absences + 1
      return absences < ABSENT_TIMES ? undefined : { running }
    }, STARTED_WITHIN_MS)
    // It serves, as far as anybody knows: whoever asked tries again.
    if (found === undefined)
      throw new Error(
        `HAProxy runs (process ${await pidIn(files.pid)}) and has not answered for ${STARTED_WITHIN_MS / 1000} s`,
      )
    return found.running
  }
  const start = async (): Promise<Running> => {
    const from = await sizeOf(files.log)
    const child = await launch(programs, files, rawFileIn(folder, clock.now()))
    let ended = false
    child.once('exit', () => {
      ended = true
    })
    const found = await until(async () => {
      if (ended) throw refused(await tailOf(files.log, from))
      const running = await says()
      return running?.worker === -1 ? undefined : running
    }, STARTED_WITHIN_MS)
    if (found === undefined) throw refused(await tailOf(files.log, from))
    return found
  }
  const reload = async (before: Running): Promise<Running> => {
    const from = await sizeOf(files.log)
    process.kill(before.masterPid, 'SIGUSR2')
    const found = await until(async () => {
      const running = await says()
      if (running === undefined) return undefined
      if (running.failedReloads > before.failedReloads) throw refused(await tailOf(files.log, from))
      return running.worker === -1 || running.worker === before.worker ? undefined : running
    }, STARTED_WITHIN_MS)
    if (found === undefined) throw refused(await tailOf(files.log, from))
    return found
  }
  return {
    ...{ look, start, reload },
    stop: running => {
      if (isAlive(running.masterPid, files.config)) process.kill(running.masterPid, 'SIGTERM')
    },
    askWorker: async (pid, commands) => {
      const questions = commands.map(command => `@!${pid} ${command}`).join('\n')
      return ask(files.master, questions, clock, WORKER_ANSWERS_WITHIN_MS)
    },
    isAlive: running => isAlive(running.masterPid, files.config),
  }
}

const launch = async (programs: readonly string[], files: ReturnType<typeof filesOf>, requests: string) => {
  const log = openSync(files.log, 'a', 0o600)
  const access = openSync(requests, 'a', 0o600)
  const words = ['-W', '-f', files.config, '-S', `${files.master},mode,600`, '-p', files.pid]
  try {
    for (const program of programs) {
      const child = spawn(program, words, { detached: true, stdio: ['ignore', access, log] })
      const error = await new Promise<Error | undefined>(resolve => {
        child.once('spawn', () => resolve(undefined)).once('error', resolve)
      })
      if (error === undefined) {
        child.unref()
        return child
      }
      if (!('code' in error) || error.code !== 'ENOENT') throw error
    }
  } finally {
    closeSync(log)
    closeSync(access)
  }
  throw new HaproxyFailure('NOT_INSTALLED', 'HAProxy is not installed: install the package haproxy (2.6 or newer)')
}

// `24799 master 1 [failed: 0] 0d00h20m36s 2.6.12`, then workers and, under a heading of their own, old ones.
const runningOf = (text: string): Running | undefined => {
  let old = false
  let master: { readonly pid: number; readonly failed: number } | undefined
  const workers: number[] = []
  const ending: number[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('# old workers')) old = true
    else if (line.startsWith('# ')) old = false
    const [pid, type] = line.split(/\s+/)
    if (type === 'master') master = { pid: Number(pid), failed: Number(/failed: (\d+)/.exec(line)?.[1] ?? 0) }
    if (type === 'worker') (old ? ending : workers).push(Number(pid))
  }
  return master && { masterPid: master.pid, worker: workers[0] ?? -1, ending, failedReloads: master.failed }
}

/** The number may have gone to another process since. */
const isAlive = (pid: number, config: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(config)
  } catch {
    return false
  }
}

/** Whatever its file of the number says at the moment: started as `launch` does. */
const isListed = async (config: string): Promise<boolean> => {
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (words.includes('-W') && words.includes('-S') && words.includes(config)) return true
  }
  return false
}

const pidIn = async (file: string): Promise<number> => Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10)

const sizeOf = async (file: string): Promise<number> => {
  const handle = await open(file, 'a', 0o600)
  try {
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

const tailOf = async (file: string, from: number): Promise<string> =>
  (await readFile(file)).subarray(from).toString('utf8')

const refused = (text: string): HaproxyFailure => {
  const alerts = text.split('\n').filter(line => line.startsWith('[ALERT]'))
  const said = (alerts.length > 0 ? alerts : text.split('\n').slice(-3)).join(' ').slice(0, 1_000)
  return new HaproxyFailure('REFUSED', `HAProxy did not take its configuration: ${said}`)
}
