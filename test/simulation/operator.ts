// The operator of a simulated world: changes services in the middle of their deployments, deletes and makes them anew, runs and
// stops tasks, takes hosts out. Remembers what the server acknowledged: that must hold from then on. A call without an answer
// may have been served or not, so both are taken.
import type { CreateServiceRequest, DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { AwsError } from '../../src/aws/error.ts'
import type { Service } from '../../src/domain/service.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { createCluster } from '../../src/services/ecs/cluster/create-cluster.ts'
import { deregisterContainerInstance } from '../../src/services/ecs/container-instance/deregister-container-instance.ts'
import { updateContainerInstancesState } from '../../src/services/ecs/container-instance/update-container-instances-state.ts'
import type { EcsOperation } from '../../src/services/ecs/context.ts'
import { createService } from '../../src/services/ecs/service/create-service.ts'
import { deleteService } from '../../src/services/ecs/service/delete-service.ts'
import { updateService } from '../../src/services/ecs/service/update-service.ts'
import { listTasks } from '../../src/services/ecs/task/list-tasks.ts'
import { runTask } from '../../src/services/ecs/task/run-task.ts'
import { stopTask } from '../../src/services/ecs/task/stop-task.ts'
import { registerTaskDefinition } from '../../src/services/ecs/task-definition/register-task-definition.ts'
import { updateTaskProtection } from '../../src/services/ecs/task-protection/update-task-protection.ts'
import type { Reader } from '../../src/store/store.ts'
import { clusters, services, tasks } from '../../src/store/tables.ts'
import type { Chance } from './chance.ts'
import type { RowChecks } from './check-rows.ts'
import type { Faults } from './faults.ts'
import type { Host } from './host.ts'
import type { Network } from './network.ts'
import type { SimulatedServer } from './server.ts'
import type { Trace } from './trace.ts'
import { GOOD, WORKLOADS } from './workloads.ts'

export type Operator = {
  /** Makes the cluster and the definitions; resolves when they are there. */
  readonly prepare: () => Promise<void>
  /** Begins a service. */
  readonly create: (name: string, shape: ServiceShape) => Promise<void>
  /** One thing drawn from what operators do. */
  readonly act: () => Promise<void>
  /** Gives every service that is not deleted an image that works, until the server has taken it. */
  readonly makeGood: () => Promise<void>
}

export type ServiceShape = {
  readonly desiredCount: number
  readonly workload: string
}

/** What the model knows of a service: what was acknowledged last, and what was asked since without an answer. */
type Wish = 'absent' | 'deleted' | { readonly desiredCount: number; readonly taskDefinition: string }
type Known = { told: Wish; open: Wish[] }

const NAMES = Object.keys(WORKLOADS)
const GOOD_NAMES = Object.keys(GOOD)
/** With these a deployment of any size can go on, with the tight ones one of two tasks or more. */
const PERCENTAGES: readonly DeploymentConfiguration[] = [
  { maximumPercent: 200, minimumHealthyPercent: 100 },
  { maximumPercent: 100, minimumHealthyPercent: 0 },
  { maximumPercent: 300, minimumHealthyPercent: 90 },
]
const TIGHT: readonly DeploymentConfiguration[] = [{ maximumPercent: 150, minimumHealthyPercent: 50 }]
const NO_BREAKER = { enable: false, rollback: false }
const BREAKERS = [NO_BREAKER, { enable: true, rollback: false }, { enable: true, rollback: true }]
/** Without an answer by then it was served or never will be: the network delays nothing for so long. */
const PATIENCE_MS = 60_000
const MOST_TASKS = 5
/** Takes hosts out no more often: each time is a host's whole story again. */
const MOST_DEREGISTERED = 2

type Answer<T> = { readonly output: T } | { readonly refused: AwsError } | { readonly unknown: true }

export type OperatorParts = {
  readonly clock: Clock
  readonly chance: Chance
  readonly faults: Faults
  readonly trace: Trace
  readonly network: Network
  readonly server: SimulatedServer
  readonly checks: RowChecks
  readonly hosts: readonly Host[]
  readonly services: readonly string[]
}

export const operatorOf = (parts: OperatorParts): Operator => {
  const { clock, chance, trace, network, server, checks, hosts } = parts
  const party = { name: 'operator', cutOffUntil: 0 }
  const known = new Map(parts.services.map((name): [string, Known] => [name, { told: 'absent', open: [] }]))
  const definitions = new Map<string, string>()
  const shown = new Set<string>()
  let deregistered = 0
  let clusterArn = ''

  const ask = async <Input, Output>(
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input,
  ): Promise<Answer<Output>> => {
    const patience = new AbortController()
    const timer = clock.after(PATIENCE_MS, () => patience.abort(new Error('no answer')))
    try {
      const serve = () => server.call(operation, input)
      const output = await network.call(party, serve, {
        signal: patience.signal,
        mayDouble: false,
      })
      trace.add('operator', `${said}: done`)
      return { output }
    } catch (error) {
      trace.add('operator', `${said}: ${String(error)}`)
      const refused = error instanceof AwsError && error.code !== 'ServiceUnavailableException'
      return refused ? { refused: error } : { unknown: true }
    } finally {
      timer.cancel()
    }
  }

  const untilDone = async <Input, Output>(
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input,
  ): Promise<Output> => {
    for (;;) {
      const answer = await ask(said, operation, input)
      if ('output' in answer) return answer.output
      if ('refused' in answer) throw answer.refused
      await clock.sleep(1_000)
    }
  }

  const wish = async <Input, Output>(
    name: string,
    next: Wish,
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input,
  ): Promise<Answer<Output>> => {
    const own = known.get(name)
    if (!own) throw new Error(`no service ${name}`)
    own.open.push(next)
    const answer = await ask(said, operation, input)
    if ('output' in answer) {
      own.told = next
      own.open = []
    } else if ('refused' in answer) own.open.splice(own.open.indexOf(next), 1)
    return answer
  }

  const definitionOf = (workload: string): string => definitions.get(workload) ?? ''

  const define = async (workload: string): Promise<void> => {
    const { taskDefinition } = await untilDone(`RegisterTaskDefinition ${workload}`, registerTaskDefinition, {
      containerDefinitions: [],
      ...WORKLOADS[workload],
      family: workload,
    })
    definitions.set(workload, taskDefinition?.taskDefinitionArn ?? '')
  }

  const wayFor = (count: number): DeploymentConfiguration =>
    chance.pick(count < 2 ? PERCENTAGES : [...PERCENTAGES, ...TIGHT])

  const create = async (name: string, { desiredCount, workload }: ServiceShape): Promise<void> => {
    const taskDefinition = definitionOf(workload)
    const request: CreateServiceRequest = {
      serviceName: name,
      taskDefinition,
      desiredCount,
      deploymentConfiguration: { ...wayFor(desiredCount), deploymentCircuitBreaker: chance.pick(BREAKERS) },
      placementStrategy: chance.pick([[], [{ type: 'spread', field: 'instanceId' }]]),
    }
    await wish(
      name,
      { desiredCount, taskDefinition },
      `CreateService ${name} ${desiredCount} ${workload}`,
      createService,
      request,
    )
  }

  const update = (
    name: string,
    desiredCount: number,
    workload: string,
    force: boolean,
    way?: DeploymentConfiguration,
  ) => {
    const taskDefinition = definitionOf(workload)
    const said = `UpdateService ${name} ${desiredCount} ${workload}${force ? ' anew' : ''}`
    const input = {
      service: name,
      desiredCount,
      taskDefinition,
      forceNewDeployment: force,
      ...(way ? { deploymentConfiguration: way } : {}),
      // It needs room for one task more.
      ...(way?.maximumPercent === 100 ? { availabilityZoneRebalancing: 'DISABLED' as const } : {}),
    }
    return wish(name, { desiredCount, taskDefinition }, said, updateService, input)
  }

  // Asked again under its token until there is an answer: however often it was served, its tasks are made once.
  const run = async (): Promise<void> => {
    const workload = chance.pick(NAMES)
    const count = chance.between(1, 3)
    const startedBy = chance.ids.uuid()
    const input = { taskDefinition: definitionOf(workload), count, startedBy, clientToken: startedBy }
    let answer = await ask(`RunTask ${count} ${workload}`, runTask, input)
    while ('unknown' in answer) {
      await clock.sleep(chance.between(1, 5_000))
      answer = await ask(`RunTask ${count} ${workload} again`, runTask, input)
    }
    if ('refused' in answer) return
    const arns = (answer.output.tasks ?? []).map(({ taskArn = '' }) => taskArn)
    for (const arn of arns) checks.acknowledged(`RunTask made ${arn}`, reader => isThere(reader, checks, arn))
    checks.acknowledged(`RunTask ${startedBy} was served once`, reader => {
      const made = (desired: string) =>
        reader.count(tasks, 'byStartedByDesired', `${clusterArn}|${startedBy}|${desired}`)
      return made('RUNNING') + made('STOPPED') <= arns.length
    })
  }

  // What was shown was durable, a list too.
  const list = async (): Promise<readonly string[]> => {
    const listed = await ask('ListTasks', listTasks, {})
    const arns = 'output' in listed ? (listed.output.taskArns ?? []) : []
    for (const arn of arns.filter(one => !shown.has(one))) {
      shown.add(arn)
      checks.acknowledged(`ListTasks showed ${arn}`, reader => isThere(reader, checks, arn))
    }
    return arns
  }

  const stop = async (): Promise<void> => {
    const arns = await list()
    if (arns.length === 0) return
    const task = chance.pick(arns)
    const answer = await ask(`StopTask ${task}`, stopTask, { task })
    if ('output' in answer)
      checks.acknowledged(`StopTask ${task}`, reader => {
        const row = reader.get(tasks, task)
        return row ? row.desiredStatus === 'STOPPED' : checks.wasStopped(task)
      })
  }

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

  const protect = async (): Promise<void> => {
    const arns = await list()
    if (arns.length === 0) return
    const task = chance.pick(arns)
    const input = { cluster: 'default', tasks: [task], protectionEnabled: chance.happens(0.8), expiresInMinutes: 1 }
    await ask(`UpdateTaskProtection ${task}`, updateTaskProtection, input)
  }

  const act = async (): Promise<void> => {
    const name = chance.pick(parts.services)
    const own = known.get(name)
    const isGone = own?.told === 'absent' || own?.told === 'deleted'
    const draw = chance.between(1, 100)
    const count = chance.between(0, MOST_TASKS)
    if (draw <= 35) {
      if (isGone) await create(name, { desiredCount: count, workload: chance.pick(NAMES) })
      else await update(name, count, chance.pick(NAMES), chance.happens(0.3))
    } else if (draw <= 45)
      await wish(name, 'deleted', `DeleteService ${name}`, deleteService, {
        service: name,
        force: true,
      })
    else if (draw <= 67) await run()
    else if (draw <= 84) await stop()
    else if (draw <= 87) await drain()
    else if (draw <= 90) await protect()
    else if (draw <= 93) await deregister()
    else await define(chance.pick(NAMES))
  }

  const makeGood = async (): Promise<void> => {
    for (const name of parts.services) {
      for (;;) {
        const count = chance.between(1, MOST_TASKS)
        const way = { ...wayFor(count), deploymentCircuitBreaker: NO_BREAKER }
        const answer = await update(name, count, chance.pick(GOOD_NAMES), true, way)
        if (!('unknown' in answer)) break
        await clock.sleep(1_000)
      }
    }
  }

  return {
    prepare: async () => {
      const { cluster } = await untilDone('CreateCluster', createCluster, {
        clusterName: 'default',
      })
      clusterArn = cluster?.clusterArn ?? ''
      checks.acknowledged('CreateCluster', reader => reader.get(clusters, clusterArn) !== undefined)
      for (const workload of NAMES) await define(workload)
      for (const [name, own] of known)
        checks.acknowledged(`service ${name} as it was told`, reader => isAsTold(reader, clusterArn, name, own))
    },
    create,
    act,
    makeGood,
  }
}

const isThere = (reader: Reader, checks: RowChecks, arn: string): boolean =>
  reader.get(tasks, arn) !== undefined || checks.wasStopped(arn)

const isAsTold = (reader: Reader, clusterArn: string, name: string, { told, open }: Known): boolean => {
  const row = reader.get(services, `${clusterArn.replace(':cluster/', ':service/')}/${name}`)
  return [told, ...open].some(wish => isSo(row, wish))
}

const isSo = (row: Service | undefined, wish: Wish): boolean => {
  if (wish === 'absent') return row === undefined
  if (wish === 'deleted') return row === undefined || row.status !== 'ACTIVE'
  if (row?.status !== 'ACTIVE' || row.desiredCount !== wish.desiredCount) return false
  // A deployment that failed may have been rolled back: then the service has an earlier definition.
  const mayRollBack = row.deploymentConfiguration.deploymentCircuitBreaker?.rollback === true
  return mayRollBack || row.taskDefinitionArn === wish.taskDefinition
}
