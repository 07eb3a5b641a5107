// The server of a simulated world: what roles/core.ts wires, over a disk in memory that outlives its processes. It can be
// killed between any two steps, and is killed, failed or delayed at its journal's writes. Answers leave as the gateway lets
// them leave: when what they rest on is durable.
import { AwsError } from '../../src/aws/error.ts'
import type { RequestContext } from '../../src/aws/operation.ts'
import { type Dispatcher, startDispatcher } from '../../src/dispatcher/start.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { type MemoryDisk, memoryRowJournal } from '../../src/lib/row-journal/memory-row-journal.ts'
import { RowJournalFailure } from '../../src/lib/row-journal/row-journal.ts'
import { type Reconcilers, startReconcilers } from '../../src/reconcilers/start.ts'
import type { EcsDependencies, EcsOperation } from '../../src/services/ecs/context.ts'
import { ecsOperations } from '../../src/services/ecs/operations.ts'
import { openStore } from '../../src/store/open-store.ts'
import { type Change, type Reader, type Store, StoreFailure } from '../../src/store/store.ts'
import { allTables } from '../../src/store/tables.ts'
import type { Chance } from './chance.ts'
import type { Faults } from './faults.ts'
import { simulatedLoadBalancer } from './load-balancer.ts'
import type { Listener, Network } from './network.ts'
import type { Trace } from './trace.ts'
import { clockOf, type Life, type WorldClock } from './world-clock.ts'

export const REQUEST: RequestContext = {
  region: 'us-east-1',
  accountId: '000000000000',
  caller: {
    accountId: '000000000000',
    arn: 'arn:aws:iam::000000000000:root',
    userId: '000000000000',
    accessKeyId: 'A',
  },
  requestId: '00000000-0000-4000-8000-000000000000',
  endpoint: 'http://server:7700',
}

type Core = Listener & {
  readonly store: Store
  readonly dispatcher: Dispatcher
  readonly reconcilers: Reconcilers
  readonly dependencies: EcsDependencies
}

export type SimulatedServer = {
  readonly listener: () => Listener | undefined
  /** Writes of its journals so far. */
  readonly writes: () => number
  /** What is in memory now; undefined while the server is down. */
  readonly reader: () => Reader | undefined
  readonly call: <Input, Output>(operation: EcsOperation<Input, Output>, input: Input) => Promise<Output>
  readonly callByName: (operation: string, input: object) => Promise<unknown>
  readonly start: () => void
  /** As kill -9. It is started again soon. */
  readonly kill: (why: string) => void
  /** As SIGTERM, and a start. */
  readonly restart: () => Promise<void>
  /** Its disk takes no writes for so long. */
  readonly readOnly: (ms: number) => void
  /** How far off its clock is, in ms. */
  wrongBy: number
}

export type ServerParts = {
  readonly clock: WorldClock
  readonly chance: Chance
  /** For its load balancer. */
  readonly balancing: Chance
  readonly faults: Faults
  readonly trace: Trace
  readonly network: () => Network
  /** Dies at this write of its journal, besides what its faults do. */
  readonly killAt?: KillAt | undefined
  /** Rows as a process finds them on the disk, and then each durable commit. */
  readonly loaded: (reader: Reader) => void
  readonly committed: (changes: readonly Change[], clock: Clock) => void
  /** Something happened that never should. */
  readonly broken: (what: string) => void
}

export type KillAt = { readonly write: number; readonly when: 'before' | 'after' }

const START_MS: readonly [number, number] = [50, 500]
const DOWN_MS: readonly [number, number] = [100, 8_000]
/** roles/serve.ts: between a failed journal and the next try to open it. */
const REOPEN_MS = 2_000

export const simulatedServer = (parts: ServerParts): SimulatedServer => {
  const { clock: world, chance, faults, trace } = parts
  const disk: MemoryDisk = new Map()
  let core: Core | undefined
  let starting: Life | undefined
  let writes = 0
  let readOnlyUntil = 0

  const diesNow = (when: KillAt['when']): boolean => {
    const { killAt } = parts
    return killAt?.when === when && killAt.write === writes
  }

  const say = (what: string): void => trace.add('server', what)

  const begin = (ms: number): void => {
    const life: Life = { alive: true }
    starting = life
    world.after(ms, () => {
      if (life.alive) open(life).catch(error => parts.broken(`the server does not start: ${stackOf(error)}`))
    })
  }

  const end = (life: Life): void => {
    life.alive = false
    parts.network().died(life)
  }

  const kill = (why: string): void => {
    const life = core?.life ?? starting
    if (!life?.alive) return
    say(`dies: ${why}`)
    core = undefined
    end(life)
    begin(chance.between(...DOWN_MS))
  }

  const journalOf = (life: Life) => (onFailure: (failure: RowJournalFailure) => void) =>
    memoryRowJournal({
      disk,
      onFailure,
      beforeWritable: () => {
        if (faults.is('fullDisk')) throw new RowJournalFailure('DISK_FULL', 'the disk is full')
      },
      beforeWrite: async () => {
        if (!life.alive) return never()
        writes++
        await clockOf(world, life, () => 0).sleep(chance.between(0, faults.is('slowWrite') ? 2_000 : 3))
        if (faults.is('crashBeforeWrite') || diesNow('before')) kill('before a write was durable')
        if (!life.alive) return never()
        if (world.now() < readOnlyUntil) throw READ_ONLY
        if (faults.is('failedWrite')) throw new RowJournalFailure('IO', 'the disk refuses to write')
      },
      afterWrite: async () => {
        if (faults.is('crashAfterWrite') || diesNow('after')) kill('after a write was durable')
        if (!life.alive) await never()
      },
    })

  const open = async (life: Life): Promise<void> => {
    const clock = clockOf(world, life, () => server.wrongBy)
    const log = trace.log('server')
    const { ids } = chance
    const store = await openStore({
      tables: allTables,
      log,
      journal: {
        open: async onFailure => {
          if (world.now() < readOnlyUntil) throw READ_ONLY
          return journalOf(life)(onFailure)
        },
      },
    }).catch(async error => {
      if (!(error instanceof StoreFailure)) throw error
      say(`cannot open its journal: ${error.message}`)
      return undefined
    })
    if (!life.alive) return
    if (!store) return begin(REOPEN_MS)
    say('serves')
    parts.loaded(store)
    store.watch(changes => parts.committed(changes, clock))
    const onBug = (error: unknown): void => parts.broken(`a loop failed: ${stackOf(error)}`)
    const given = { store, clock, ids, log }
    const dispatcher = startDispatcher(given)
    const reconcilers = startReconcilers({ ...given, onBug })
    simulatedLoadBalancer({ store, clock, chance: parts.balancing, faults })
    const opened: Core = {
      life,
      store,
      dispatcher,
      reconcilers,
      dependencies: { store, clock, ids },
      open: dispatcher.open,
    }
    core = opened
    store.onFailure(failure => {
      say(`stops serving: ${failure.message}`)
      stop(opened).then(() => {
        if (!life.alive) return
        end(life)
        begin(REOPEN_MS)
      })
    })
  }

  // As roles/core.ts stops: nobody is killed, all is closed in order.
  const stop = async (stopping: Core): Promise<void> => {
    if (core === stopping) core = undefined
    await stopping.reconcilers.stop()
    await stopping.dispatcher.stop()
    await stopping.store.close().catch(() => {})
  }

  const answer = async <T>(operation: (core: Core) => Promise<T> | T): Promise<T> => {
    const serving = core
    if (!serving) throw unavailable('it is being opened')
    const settled = await settle(() => operation(serving))
    await serving.store.durable().catch(error => {
      throw unavailable(String(error))
    })
    if (!serving.life.alive) return never()
    if ('output' in settled) return settled.output
    const { error } = settled
    if (error instanceof AwsError) throw error
    if (error instanceof StoreFailure) throw unavailable(error.message)
    parts.broken(`an operation failed: ${stackOf(error)}`)
    throw unavailable('a bug')
  }

  const server: SimulatedServer = {
    listener: () => core,
    writes: () => writes,
    reader: () => core?.store,
    call: (operation, input) => answer(({ dependencies }) => operation(dependencies)(REQUEST, input)),
    callByName: (name, input) =>
      answer(({ dependencies }) => {
        const operation = ecsOperations(dependencies)[name]
        if (!operation) throw new AwsError('UnknownOperationException', name)
        return operation(REQUEST, input)
      }),
    start: () => begin(chance.between(...START_MS)),
    kill,
    restart: async () => {
      const stopping = core
      if (!stopping) return
      say('is stopped')
      await stop(stopping)
      if (!stopping.life.alive) return
      end(stopping.life)
      begin(chance.between(...DOWN_MS))
    },
    readOnly: ms => {
      readOnlyUntil = world.now() + ms
    },
    wrongBy: 0,
  }
  return server
}

const READ_ONLY = new RowJournalFailure('IO', 'the file system is mounted read-only')

const unavailable = (why: string): AwsError =>
  new AwsError('ServiceUnavailableException', `Stowage is not serving: ${why}`, { httpStatus: 503 })

/** What a dead process waits for. */
const never = (): Promise<never> => new Promise(() => {})

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

type Settled<T> = { readonly output: T } | { readonly error: unknown }

const settle = async <T>(fn: () => Promise<T> | T): Promise<Settled<T>> => {
  try {
    return { output: await fn() }
  } catch (error) {
    return { error }
  }
}
