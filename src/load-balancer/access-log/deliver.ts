// Brings what HAProxy wrote of requests to where its load balancer's access log is to go, each five minutes as AWS does: objects of
// AWS's names and contents, in a directory that stands for the bucket. HAProxy appends to its file for as long as it lives; what was
// read is given back to the disk without touching the rest, so no line is lost between two looks, nor while we are away.
// Before: render/access-log.ts, haproxy/process.ts. After: whoever reads the directory.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-file-format
import { execFile } from 'node:child_process'
import { appendFile, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import type { Log } from '../../lib/log.ts'
import { textOf } from '../attributes.ts'
import { type About, accessLogLine, type RawLine, rawLine } from './line.ts'

export type AccessLogsInput = {
  /** HAProxy's files are here, and the directory `access-logs`. */
  readonly folder: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly everyMs: number
  /** Undefined: of no load balancer that has a log. */
  readonly aboutOf: () => (raw: RawLine) => Addressed | undefined
}

export type Addressed = About & { readonly address: string }

export type AccessLogs = {
  /** Ends the timer; a delivery that is under way ends first. */
  readonly stop: () => Promise<void>
}

const compress = promisify(gzip)
const run = promisify(execFile)

/** Read at a time: some thirty thousand requests. */
const CHUNK_BYTES = 8 * 2 ** 20

const RAW_FILE = /^access-\d+\.raw$/

/** A new one for each HAProxy that is started: it writes from the beginning of the file it is given. */
export const rawFileIn = (folder: string, now: number): string =>
  join(folder, `access-${now.toString().padStart(14, '0')}.raw`)

export const deliverAccessLogs = (input: AccessLogsInput): AccessLogs => {
  const { clock, log, everyMs } = input
  let timer: Timer | undefined
  let running: Promise<void> = Promise.resolve()
  const next = (): void => {
    timer = clock.after(everyMs, () => {
      running = deliver(input)
        .catch(error => log.error({ error: String(error) }, 'The access logs could not be written; they wait'))
        .then(() => {
          if (timer !== undefined) next()
        })
    })
  }
  next()
  return {
    stop: () => {
      timer?.cancel()
      timer = undefined
      return running
    },
  }
}

const deliver = async (input: AccessLogsInput): Promise<void> => {
  const { folder } = input
  const files = (await readdir(folder).catch(() => [])).filter(name => RAW_FILE.test(name)).sort()
  const objects = new Objects(input)
  for (const [at, name] of files.entries()) {
    const file = join(folder, name)
    const from = Number(await readFile(`${file}.at`, 'utf8').catch(() => '0'))
    const to = await readOn(file, from, objects).catch(async error => {
      await objects.discard()
      throw error
    })
    await objects.finish()
    // The newest is the one that HAProxy writes.
    if (at < files.length - 1) await Promise.all([rm(file), rm(`${file}.at`, { force: true })])
    else if (to > from) await giveBack(file, to)
  }
}

// A crash before this tells the same lines once more.
const giveBack = async (file: string, length: number): Promise<void> => {
  await writeFile(`${file}.at`, String(length))
  await run('fallocate', ['--punch-hole', '--offset', '0', '--length', String(length), file]).catch(() => {
    // A file system without holes: it is removed when HAProxy starts anew.
  })
}

/** Whole lines alone; returns where it stopped. */
const readOn = async (file: string, from: number, objects: Objects): Promise<number> => {
  const handle = await open(file, 'r')
  const buffer = Buffer.alloc(CHUNK_BYTES)
  try {
    for (let at = from; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, at)
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1
      if (end === 0) return at
      for (const text of buffer.toString('utf8', 0, end).split('\n')) objects.add(text)
      await objects.write()
      at += end
    }
  } finally {
    await handle.close()
  }
}

type Pending = { readonly path: string; lines: string[] }

/** What one delivery makes: an object for each load balancer. */
class Objects {
  readonly #input: AccessLogsInput
  readonly #aboutOf: (raw: RawLine) => Addressed | undefined
  readonly #pending = new Map<string, Pending>()

  constructor(input: AccessLogsInput) {
    this.#input = input
    this.#aboutOf = input.aboutOf()
  }

  add(text: string): void {
    const raw = rawLine(text)
    const about = raw && this.#aboutOf(raw)
    if (raw === undefined || about === undefined) return
    const { arn } = about.loadBalancer
    const pending = this.#pending.get(arn) ?? { path: this.#pathOf(about), lines: [] }
    this.#pending.set(arn, pending)
    pending.lines.push(accessLogLine(raw, about))
  }

  /** Members of one gzip file may follow each other. */
  async write(): Promise<void> {
    for (const pending of this.#pending.values()) {
      if (pending.lines.length === 0) continue
      await mkdir(dirname(pending.path), { recursive: true, mode: 0o700 })
      await appendFile(`${pending.path}.part`, await compress(`${pending.lines.join('\n')}\n`), { mode: 0o600 })
      pending.lines = []
    }
  }

  /** A disk that is full: all of it is told again later. */
  async discard(): Promise<void> {
    for (const { path } of this.#pending.values()) await rm(`${path}.part`, { force: true })
    this.#pending.clear()
  }

  /** They appear whole. */
  async finish(): Promise<void> {
    for (const { path } of this.#pending.values()) await rename(`${path}.part`, path)
    this.#pending.clear()
  }

  #pathOf({ loadBalancer, address }: Addressed): string {
    const { folder, clock, ids } = this.#input
    const [, , , region = '', account = ''] = loadBalancer.arn.split(':')
    const at = new Date(clock.now()).toISOString()
    const minute = `${at.slice(0, 16).replaceAll(/[-:]/g, '')}Z`
    const id = loadBalancer.arn.split('/').slice(-3).join('.')
    const name = `${account}_elasticloadbalancing_${region}_${id}_${minute}_${address}_${ids.hex32().slice(0, 8)}.log.gz`
    const prefix = textOf(loadBalancer, 'access_logs.s3.prefix')
    return join(
      ...[folder, 'access-logs', textOf(loadBalancer, 'access_logs.s3.bucket'), prefix, 'AWSLogs', account],
      ...['elasticloadbalancing', region, at.slice(0, 10).replaceAll('-', '/'), name],
    )
  }
}
