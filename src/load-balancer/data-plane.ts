// The data plane as the loop uses it: brings HAProxy to a desired structure, tells what it sees of a group's targets, changes them.
// Its calls must not overlap: the loop makes one at a time. What HAProxy has is asked, never remembered.
// Before: reconcilers/load-balancer/. After: render/ (pure), haproxy/ (process and sockets).
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ObservedTarget } from '../domain/load-balancing/observed-target.ts'
import type { TargetGroup } from '../domain/load-balancing/target-group.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Desired, Server } from './desired.ts'
import { ask, questionsOf } from './haproxy/command-line.ts'
import { type Change, commandsOf, commandsOfEnding } from './haproxy/commands.ts'
import { type EventLog, watchEvents } from './haproxy/event-log.ts'
import { observedIn } from './haproxy/observe.ts'
import { filesOf, type HaproxyProcess, haproxyProcess, type Running } from './haproxy/process.ts'
import { initialSectionOf, sectionOf } from './names.ts'
import { digestOf, pathsIn, type Rendering, render } from './render/render.ts'
import { weightMapsOf } from './render/weights.ts'

export type DataPlaneInput = {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  /** A check of this section found something new. */
  readonly onHealth: (section: string) => void
  /** HAProxy is gone, or has come back without us. */
  readonly onGone: () => void
  readonly programs?: readonly string[]
}

export type DataPlane = {
  /**
   * `known`: the targets of a group that get requests when HAProxy must be started anew. `mayReload`: otherwise what takes a reload
   * is put off. Says what it took.
   */
  readonly apply: (
    desired: Desired,
    known: (targetGroupArn: string) => readonly Server[],
    mayReload: boolean,
  ) => Promise<Applied>
  /** `<address>:<port>` of each listener that HAProxy has now. */
  readonly ports: () => Promise<ReadonlySet<string>>
  readonly isRunning: () => boolean
  /** A process from before a reload still has connections: their next request goes by the rules of then. */
  readonly isEnding: () => Promise<boolean>
  readonly observe: (group: TargetGroup) => Promise<readonly ObservedTarget[]>
  readonly change: (group: TargetGroup, changes: readonly Change[]) => Promise<void>
  /** Lets HAProxy go on by itself. */
  readonly leave: () => void
}

export type Applied = 'nothing runs' | 'unchanged' | 'weights' | 'put off' | 'reloaded' | 'started'

/** How soon its end is noticed, when it was not our child: reading one line of /proc costs nothing. */
const LOOK_MS = 200

export const createDataPlane = (input: DataPlaneInput): DataPlane => new HaproxyDataPlane(input)

class HaproxyDataPlane implements DataPlane {
  readonly #input: DataPlaneInput
  readonly #process: HaproxyProcess
  readonly #paths: ReturnType<typeof pathsIn>
  #running: Running | undefined
  #events: EventLog | undefined
  #watch: Timer | undefined

  constructor(input: DataPlaneInput) {
    this.#input = input
    this.#process = haproxyProcess(input.folder, input.clock, input.programs)
    this.#paths = pathsIn(input.folder)
  }

  apply: DataPlane['apply'] = async (desired, known, mayReload) => {
    this.#running = await this.#process.look()
    if (desired.listeners.length === 0) {
      if (this.#running !== undefined) this.#process.stop(this.#running)
      this.#forget()
      return 'nothing runs'
    }
    if (this.#running === undefined) return this.#start(desired, known)
    this.#attend()
    if ((await this.#runningDigest()) !== digestOf(desired, this.#paths))
      return mayReload ? this.#reload(desired, this.#running) : 'put off'
    return (await this.#setWeights(desired)) ? 'weights' : 'unchanged'
  }

  isRunning = (): boolean => this.#running !== undefined

  isEnding = async (): Promise<boolean> => {
    this.#running = (await this.#process.look()) ?? this.#running
    return (this.#running?.ending.length ?? 0) > 0
  }

  ports = async (): Promise<ReadonlySet<string>> => {
    this.#running = await this.#process.look()
    if (this.#running === undefined) return new Set()
    const frontends = (await this.#ask('show stat -1 1 -1')).split('\n').slice(1)
    return new Set(frontends.flatMap(line => line.split(',')[0] || []))
  }

  observe = async (group: TargetGroup): Promise<readonly ObservedTarget[]> => {
    const running = this.#running
    if (running === undefined) return []
    const sections = [sectionOf(group.arn), initialSectionOf(group.arn)].map(section => `show stat ${section} 4 -1`)
    const ending = await Promise.all(
      running.ending.map(pid =>
        this.#process.askWorker(pid, [`show stat ${sectionOf(group.arn)} 4 -1`]).catch(() => ''),
      ),
    )
    return observedIn(await this.#ask(sections.join('; ')), ending, group)
  }

  change = async (group: TargetGroup, changes: readonly Change[]): Promise<void> => {
    if (changes.length === 0 || this.#running === undefined) return
    const maps = this.#paths.maps
    // A process that ends still has connections that wait for their next request: it must know where to send them.
    this.#running = (await this.#process.look()) ?? this.#running
    for (const pid of this.#running.ending) {
      const told = changes.flatMap(change => commandsOfEnding(group, change, maps))
      if (told.length > 0) await this.#process.askWorker(pid, told).catch(() => '')
    }
    for (const question of questionsOf(changes.flatMap(change => commandsOf(group, change, maps)))) {
      const answer = await this.#ask(question)
      const said = answer.split('\n').filter(line => line !== '' && line !== 'New server registered.')
      if (said.length > 0) this.#input.log.debug({ said }, 'HAProxy answered')
    }
  }

  leave = (): void => {
    this.#forget()
  }

  #forget = (): void => {
    this.#running = undefined
    this.#watch?.cancel()
    this.#watch = undefined
    this.#events?.close()
    this.#events = undefined
  }

  #ask = (question: string): Promise<string> => ask(this.#paths.runtime, question, this.#input.clock)

  #runningDigest = async (): Promise<string | undefined> =>
    /^description: (.*)$/im.exec(await this.#ask('show info'))?.[1]?.trim()

  #start = async (desired: Desired, known: (targetGroupArn: string) => readonly Server[]): Promise<Applied> => {
    this.#forget()
    const rendering = render(desired, this.#paths, known)
    await this.#write(rendering, '1\n')
    this.#running = await this.#process.start()
    this.#attend()
    await this.#removeOthers(rendering)
    return 'started'
  }

  #reload = async (desired: Desired, running: Running): Promise<Applied> => {
    const state = await this.#ask('show servers state')
    const servers = new Map<string, readonly Server[]>()
    for (const { group } of desired.groups) servers.set(group.arn, (await this.observe(group)).map(serverOfObserved))
    const rendering = render(desired, this.#paths, arn => servers.get(arn) ?? [])
    await this.#write(rendering, state)
    this.#running = await this.#process.reload(running)
    await this.#removeOthers(rendering)
    return 'reloaded'
  }

  #write = async ({ files }: Rendering, state: string): Promise<void> => {
    await mkdir(this.#paths.maps, { recursive: true, mode: 0o700 })
    // Keys are among them.
    for (const { path, content } of files) {
      await writeFile(`${path}.new`, content, { mode: 0o600 })
      await rename(`${path}.new`, path)
    }
    await writeFile(this.#paths.state, state, { mode: 0o600 })
  }

  #removeOthers = async ({ files }: Rendering): Promise<void> => {
    const kept = new Set(files.map(({ path }) => basename(path)))
    for (const name of await readdir(this.#paths.maps))
      if (!kept.has(name)) await rm(join(this.#paths.maps, name), { force: true })
  }

  #setWeights = async (desired: Desired): Promise<boolean> => {
    const wanted = weightMapsOf(desired.listeners.flatMap(({ rules }) => rules))
    const commands: string[] = []
    for (const [name, entries] of Object.entries(wanted)) {
      if (entries.size === 0) continue
      const path = join(this.#paths.maps, name)
      const has = mapIn(await this.#ask(`show map ${path}`))
      for (const [key, value] of entries) if (has.get(key) !== value) commands.push(`set map ${path} ${key} ${value}`)
    }
    for (const question of questionsOf(commands)) {
      await this.#ask(question)
      for (const pid of this.#running?.ending ?? []) await this.#process.askWorker(pid, [question]).catch(() => '')
    }
    return commands.length > 0
  }

  // Checks tell what they find in the log; the process is looked at.
  #attend = (): void => {
    if (this.#events === undefined) this.#events = watchEvents(filesOf(this.#input.folder).log, this.#input.onHealth)
    if (this.#watch === undefined) this.#look()
  }

  #look = (): void => {
    this.#watch = this.#input.clock.after(LOOK_MS, () => {
      const running = this.#running
      if (running === undefined) return
      if (this.#process.isAlive(running)) return this.#look()
      this.#input.log.warn({ pid: running.masterPid }, 'HAProxy is gone and will be started again')
      this.#forget()
      this.#input.onGone()
    })
  }
}

const mapIn = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap(line => {
      const [, key, value] = line.split(' ')
      return key === undefined || value === undefined ? [] : [[key, value] as const]
    }),
  )

const serverOfObserved = ({ name, address, phase, admin }: ObservedTarget): Server => {
  const at = address.lastIndexOf(':')
  return { name, address: address.slice(0, at), port: Number(address.slice(at + 1)), phase, drains: admin === 'drain' }
}
