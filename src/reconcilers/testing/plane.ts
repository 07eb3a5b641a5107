// A control plane of a real store in memory and the loops, under a clock that stands still. Agents are the test: it moves
// tasks by hand. For tests of the reconcilers.
import type { ContainerInstance } from '../../domain/container-instance.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import { changeTask, type Task } from '../../domain/task.ts'
import { assert } from '../../lib/assert.ts'
import { testClock } from '../../lib/clock.ts'
import { seededIds } from '../../lib/ids.ts'
import { silentLog } from '../../lib/log.ts'
import type { Store } from '../../store/store.ts'
import {
  clusters,
  containerInstances,
  deployments,
  serviceEvents,
  services,
  taskDefinitions,
  tasks,
} from '../../store/tables.ts'
import { testStore } from '../../store/test-store.ts'
import { deploymentReconciler } from '../deployment/reconciler.ts'
import { instanceReconciler } from '../instance/reconciler.ts'
import type { Reconciler } from '../loop.ts'
import { placementReconciler } from '../placement/reconciler.ts'
import { retentionReconciler } from '../retention/reconciler.ts'
import type { RetentionSettings } from '../retention/settings.ts'
import { targetsReconciler } from '../targets/reconciler.ts'
import { idle } from './idle.ts'
import { CLUSTER, definitionRow, deploymentRow, serviceRow, T0 } from './rows.ts'

const LOOPS = {
  instance: instanceReconciler,
  deployment: deploymentReconciler,
  placement: placementReconciler,
  retention: retentionReconciler,
  targets: targetsReconciler,
}

export type Plane = Awaited<ReturnType<typeof testPlane>>

export const testPlane = async (
  names: readonly (keyof typeof LOOPS)[],
  /** Of the retention loop. */
  retention: Partial<RetentionSettings> = {},
) => {
  const clock = testClock(T0)
  const store = await testStore()
  let rowsRead = 0
  const counted = <Row>(rows: IterableIterator<Row>): IterableIterator<Row> =>
    Iterator.from(rows).map(row => {
      rowsRead++
      return row
    })
  // What the loops read row by row; `get`, `count` and `sum` cost the same however much there is.
  const watched: Store = {
    ...store,
    byIndex: (table, index, value, after) => counted(store.byIndex(table, index, value, after)),
    all: (table, after) => counted(store.all(table, after)),
  }
  const ids = seededIds(7)
  let loops: readonly Reconciler[] = []
  const start = (): void => {
    loops = names.map(name =>
      LOOPS[name]({ store: watched, clock, ids, log: silentLog, settings: name === 'retention' ? retention : {} }),
    )
  }
  await store.write(tx => {
    tx.put(clusters, {
      arn: CLUSTER,
      name: 'default',
      status: 'ACTIVE',
      settings: [],
      capacityProviders: [],
      defaultCapacityProviderStrategy: [],
      tags: [],
      createdAt: T0,
    })
    tx.put(taskDefinitions, definitionRow())
  })
  start()
  const settled = (): Promise<void> => idle(...loops)

  return {
    store,
    clock,
    settled,
    /** Rows that the loops read since the last call. */
    rowsRead: (): number => {
      const read = rowsRead
      rowsRead = 0
      return read
    },
    loop: (name: keyof typeof LOOPS): Reconciler => {
      const loop = loops.find(one => one.name === name)
      assert(loop !== undefined, `the plane has no loop ${name}`)
      return loop
    },
    stop: async (): Promise<void> => {
      await Promise.all(loops.map(loop => loop.stop()))
    },
    /** As a new process would: the loops start with every key. */
    start,
    advance: async (ms: number): Promise<void> => {
      await clock.advance(ms)
      await settled()
    },
    createService: async (more: Partial<Service> = {}, deployment: Partial<Deployment> = {}): Promise<Service> => {
      const service = serviceRow(more)
      await store.write(tx => {
        tx.put(services, service)
        tx.put(deployments, deploymentRow(service, deployment))
      })
      await settled()
      return service
    },
    updateService: async (change: Partial<Service>): Promise<void> => {
      await store.write(tx => {
        const [service] = tx.all(services)
        if (service) tx.put(services, { ...service, ...change })
      })
      await settled()
    },
    register: async (...instances: readonly ContainerInstance[]): Promise<void> => {
      await store.write(tx => {
        for (const instance of instances) tx.put(containerInstances, instance)
      })
      await settled()
    },
    tasks: (): Task[] => [...store.all(tasks)],
    /** What an agent would report of these tasks. */
    report: async (of: readonly Task[], change: Partial<Task>): Promise<void> => {
      await store.write(tx => {
        for (const { arn } of of) {
          const task = tx.get(tasks, arn)
          if (task) tx.put(tasks, changeTask(task, change))
        }
      })
      await settled()
    },
    deployments: (): Deployment[] => [...store.all(deployments)],
    events: (): string[] => [...store.all(serviceEvents)].map(({ message }) => message),
  }
}
