// The operator of a simulated world: changes services in the middle of their deployments, deletes and makes them anew, runs and
// stops tasks, takes hosts out. What it does to each kind of thing, and what it remembers of it, is in the operate-*.ts files.
import type { Clock } from '../../src/lib/clock.ts'
import { createCapacityProvider } from '../../src/services/ecs/capacity-provider/create-capacity-provider.ts'
import { createCluster } from '../../src/services/ecs/cluster/create-cluster.ts'
import { putClusterCapacityProviders } from '../../src/services/ecs/cluster/put-cluster-capacity-providers.ts'
import { deregisterContainerInstance } from '../../src/services/ecs/container-instance/deregister-container-instance.ts'
import { updateContainerInstancesState } from '../../src/services/ecs/container-instance/update-container-instances-state.ts'
import { clusters } from '../../src/store/tables.ts'
import { type Caller, callerOf } from './caller.ts'
import type { Chance } from './chance.ts'
import type { RowChecks } from './check-rows.ts'
import type { Host } from './host.ts'
import type { Network } from './network.ts'
import { definitionDesk } from './operate-definitions.ts'
import { serviceDesk } from './operate-services.ts'
import { taskSetDesk } from './operate-task-sets.ts'
import { taskDesk } from './operate-tasks.ts'
import type { SimulatedServer } from './server.ts'
import { OWN_PROVIDERS } from './service-kinds.ts'
import type { Trace } from './trace.ts'
import { ALL_NAMES, type Network as WorkloadNetwork } from './workloads.ts'

export type Operator = {
  /** Makes the cluster and the definitions; resolves when they are there. */
  readonly prepare: () => Promise<void>
  /** Begins a service, with something that works. */
  readonly create: (name: string) => Promise<void>
  /** One thing drawn from what operators do. */
  readonly act: () => Promise<void>
  /** Gives every service that is not deleted an image that works, until the server has taken it. */
  readonly makeGood: () => Promise<void>
}

export type OperatorParts = {
  readonly clock: Clock
  readonly chance: Chance
  readonly trace: Trace
  readonly network: Network
  readonly server: SimulatedServer
  readonly checks: RowChecks
  readonly hosts: readonly Host[]
  readonly services: readonly string[]
}

/** What each part of the operator works with. */
export type Desk = {
  readonly clock: Clock
  readonly chance: Chance
  readonly caller: Caller
  readonly checks: RowChecks
  readonly definitionOf: (workload: string) => string
  readonly clusterArn: () => string
}

/** What a service of each network begins with. */
const PLAIN: Readonly<Record<WorkloadNetwork, string>> = { bridge: 'plain', awsvpc: 'own-plain', balanced: 'web-plain' }

/** Takes hosts out no more often: each time is a host's whole story again. */
const MOST_DEREGISTERED = 2

export const operatorOf = (parts: OperatorParts): Operator => {
  const { clock, chance, checks, hosts } = parts
  const caller = callerOf(parts)
  const { ask, untilDone } = caller
  let clusterArn = ''
  const { definitionOf, define, retire } = definitionDesk({ chance, caller, checks })
  const desk: Desk = { clock, chance, caller, checks, definitionOf, clusterArn: () => clusterArn }
  const services = serviceDesk(desk, parts.services)
  const taskSets = taskSetDesk(desk)
  const tasks = taskDesk(desk)
  const isExternal = (name: string): boolean => services.kindOf(name).name === 'external'
  let deregistered = 0

  const deregister = async (): Promise<void> => {
    const host = chance.pick(hosts)
    const containerInstance = host.containerInstanceArn()
    if (containerInstance === undefined || deregistered >= MOST_DEREGISTERED) return
    deregistered++
    const input = { containerInstance, force: true }
    await ask(`DeregisterContainerInstance ${host.name}`, deregisterContainerInstance, input)
    // Its agent stays away for an hour by itself; the operator lets the host join anew.
    await clock.sleep(chance.between(1_000, 60_000))
    host.kill('the operator starts it anew')
  }

  // Until it is taken back: a host that stays DRAINING may leave its services no place.
  const drain = async (): Promise<void> => {
    const containerInstance = chance.pick(hosts).containerInstanceArn()
    if (containerInstance === undefined) return
    const containerInstances = [containerInstance]
    const set = (status: 'ACTIVE' | 'DRAINING') =>
      ask(`UpdateContainerInstancesState ${status}`, updateContainerInstancesState, { containerInstances, status })
    await set('DRAINING')
    do await clock.sleep(chance.between(1_000, 60_000))
    while ('unknown' in (await set('ACTIVE')))
  }

  const act = async (): Promise<void> => {
    const name = chance.pick(parts.services)
    const draw = chance.between(1, 100)
    if (draw <= 32) await (isExternal(name) && chance.happens(0.7) ? taskSets : services).act(name)
    else if (draw <= 40) {
      if (isExternal(name)) taskSets.mayGo(name)
      await services.remove(name)
    } else if (draw <= 46) await services.stopDeployment(name)
    else if (draw <= 64) await tasks.run()
    else if (draw <= 79) await tasks.stop()
    else if (draw <= 83) await drain()
    else if (draw <= 88) await tasks.protect()
    else if (draw <= 91) await deregister()
    else if (draw <= 96) await define(chance.pick(ALL_NAMES))
    else await retire()
  }

  const prepare = async (): Promise<void> => {
    const { cluster } = await untilDone('CreateCluster', createCluster, { clusterName: 'default' })
    clusterArn = cluster?.clusterArn ?? ''
    for (const name of OWN_PROVIDERS) {
      const autoScalingGroupProvider = { autoScalingGroupArn: `group-${name}` }
      const input = { name, autoScalingGroupProvider }
      // Refused when it was served before, and the answer got lost.
      while ('unknown' in (await ask(`CreateCapacityProvider ${name}`, createCapacityProvider, input)))
        await clock.sleep(1_000)
    }
    const capacityProviders = ['FARGATE', 'FARGATE_SPOT', ...OWN_PROVIDERS]
    await untilDone('PutClusterCapacityProviders', putClusterCapacityProviders, {
      cluster: 'default',
      capacityProviders,
      defaultCapacityProviderStrategy: [],
    })
    checks.acknowledged(
      'PutClusterCapacityProviders',
      reader => reader.get(clusters, clusterArn)?.capacityProviders.length === capacityProviders.length,
    )
    await Promise.all(ALL_NAMES.map(define))
    services.watch()
  }

  return {
    prepare,
    create: name => services.create(name, PLAIN[services.kindOf(name).network]),
    act,
    makeGood: async () => {
      // By a capacity provider they wait for a place for as long as it takes.
      for (const family of ['large', 'port']) await tasks.clear(family)
      for (const name of parts.services) {
        await services.makeGood(name)
        if (isExternal(name)) await taskSets.makeGood(name)
      }
    },
  }
}
