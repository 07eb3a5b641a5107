// What an operator of a simulated world does to its services: makes them, changes them in the middle of their deployments, stops
// those, deletes them. Remembers what the server acknowledged last and what was asked since without an answer: what holds must
// be one of those.
import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { Service } from '../../src/domain/service.ts'
import type { EcsOperation } from '../../src/services/ecs/context.ts'
import { createService } from '../../src/services/ecs/service/create-service.ts'
import { deleteService } from '../../src/services/ecs/service/delete-service.ts'
import { listServiceDeployments } from '../../src/services/ecs/service/list-service-deployments.ts'
import { stopServiceDeployment } from '../../src/services/ecs/service/stop-service-deployment.ts'
import { updateService } from '../../src/services/ecs/service/update-service.ts'
import type { Reader } from '../../src/store/store.ts'
import { serviceDeployments, services } from '../../src/store/tables.ts'
import type { Answer } from './caller.ts'
import type { Desk } from './operator.ts'
import { drawKind, type ServiceKind } from './service-kinds.ts'
import { goodNamesOf, namesOf } from './workloads.ts'

/** `undefined`: of services of its kind it is nobody's to say. */
type Wish =
  | 'absent'
  | 'deleted'
  | { readonly desiredCount: number | undefined; readonly taskDefinition: string | undefined }

type Known = {
  readonly kind: ServiceKind
  told: Wish
  open: Wish[]
  /** A rollback was asked for: then it has an earlier definition, sooner or later. */
  mayRollBack: boolean
}

export type ServiceDesk = {
  readonly create: (name: string, workload?: string) => Promise<void>
  readonly act: (name: string) => Promise<void>
  readonly remove: (name: string) => Promise<void>
  readonly stopDeployment: (name: string) => Promise<void>
  /** An image that works, until the server has taken it. */
  readonly makeGood: (name: string) => Promise<void>
  readonly kindOf: (name: string) => ServiceKind
  /** Facts to be held from now on. */
  readonly watch: () => void
}

const NO_BREAKER = { enable: false, rollback: false }
const BREAKERS = [NO_BREAKER, { enable: true, rollback: false }, { enable: true, rollback: true }]
const MOST_TASKS = 5
const STOPPED_STATES = new Set([
  'STOP_REQUESTED',
  'STOPPED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
])

export const serviceDesk = (desk: Desk, names: readonly string[]): ServiceDesk => {
  const { chance, clock, caller, checks, definitionOf } = desk
  const known = new Map(
    names.map((name): [string, Known] => [
      name,
      { kind: drawKind(chance), told: 'absent', open: [], mayRollBack: false },
    ]),
  )
  const ownOf = (name: string): Known => {
    const own = known.get(name)
    if (!own) throw new Error(`no service ${name}`)
    return own
  }

  const wish = async <Input, Output>(
    name: string,
    next: Wish,
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input,
  ): Promise<Answer<Output>> => {
    const own = ownOf(name)
    own.open.push(next)
    const answer = await caller.ask(said, operation, input)
    if ('output' in answer) {
      own.told = next
      own.open = []
      own.mayRollBack = false
    } else if ('refused' in answer) own.open.splice(own.open.indexOf(next), 1)
    return answer
  }

  // What is said of a service of this kind, and what of it must hold then.
  const shapeOf = ({ kind }: Known, count: number, workload: string) => {
    const taskDefinition = kind.name === 'external' ? undefined : definitionOf(workload)
    const desiredCount = kind.name === 'daemon' ? undefined : count
    return {
      ...(taskDefinition === undefined ? {} : { taskDefinition }),
      ...(desiredCount === undefined ? {} : { desiredCount }),
      wish: { desiredCount, taskDefinition },
    }
  }

  const create = async (name: string, workload?: string): Promise<void> => {
    const { kind } = ownOf(name)
    const count = chance.between(1, MOST_TASKS)
    const { wish: next, ...shape } = shapeOf(ownOf(name), count, workload ?? chance.pick(namesOf(kind.network)))
    const request: CreateServiceRequest = {
      serviceName: name,
      ...shape,
      ...kind.made(chance),
      deploymentConfiguration: {
        ...kind.deployments(chance, count),
        deploymentCircuitBreaker: kind.name === 'external' ? NO_BREAKER : chance.pick(BREAKERS),
      },
    }
    const said = `CreateService ${kind.name} ${name} ${count} ${shape.taskDefinition ?? ''}`
    await wish(name, next, said, createService, request)
  }

  const update = (name: string, count: number, workload: string, more: Partial<UpdateServiceRequest>) => {
    const own = ownOf(name)
    const { wish: next, ...shape } = shapeOf(own, count, workload)
    const forced = own.kind.name === 'external' ? {} : more
    const said = `UpdateService ${name} ${count} ${shape.taskDefinition ?? ''} ${JSON.stringify(forced)}`
    return wish(name, next, said, updateService, { service: name, ...shape, ...forced })
  }

  const act = async (name: string): Promise<void> => {
    const { told, kind } = ownOf(name)
    if (told === 'absent' || told === 'deleted') return create(name)
    const force = chance.happens(0.3)
    const strategy =
      force && kind.strategies.length > 0 && chance.happens(0.5)
        ? { capacityProviderStrategy: chance.pick(kind.strategies) }
        : {}
    const workload = chance.pick(namesOf(kind.network))
    await update(name, chance.between(0, MOST_TASKS), workload, { forceNewDeployment: force, ...strategy })
  }

  const stopDeployment = async (name: string): Promise<void> => {
    const listed = await caller.ask(`ListServiceDeployments ${name}`, listServiceDeployments, { service: name })
    const arn = 'output' in listed ? listed.output.serviceDeployments?.[0]?.serviceDeploymentArn : undefined
    if (arn === undefined) return
    const stopType = chance.pick(['ROLLBACK', 'ABORT'] as const)
    ownOf(name).mayRollBack = true
    const input = { serviceDeploymentArn: arn, stopType }
    const answer = await caller.ask(`StopServiceDeployment ${stopType} ${name}`, stopServiceDeployment, input, true)
    if ('output' in answer)
      checks.acknowledged(`StopServiceDeployment ${arn}`, reader =>
        Iterator.from(reader.byIndex(serviceDeployments, 'byArn', arn)).some(({ status = '' }) =>
          STOPPED_STATES.has(status),
        ),
      )
  }

  const makeGood = async (name: string): Promise<void> => {
    const { kind } = ownOf(name)
    for (;;) {
      const count = chance.between(1, MOST_TASKS)
      const deploymentConfiguration = { ...kind.deployments(chance, count), deploymentCircuitBreaker: NO_BREAKER }
      // What has settled is to stay as it is; and rebalancing needs room for one task more.
      const availabilityZoneRebalancing = 'DISABLED' as const
      const more = { forceNewDeployment: true, deploymentConfiguration, availabilityZoneRebalancing }
      const answer = await update(name, count, chance.pick(goodNamesOf(kind.network)), more)
      if (!('unknown' in answer)) return
      await clock.sleep(1_000)
    }
  }

  return {
    create,
    act,
    remove: async name => {
      await wish(name, 'deleted', `DeleteService ${name}`, deleteService, { service: name, force: true })
    },
    stopDeployment,
    makeGood,
    kindOf: name => ownOf(name).kind,
    watch: () => {
      for (const [name, own] of known)
        checks.acknowledged(`service ${name} as it was told`, reader => isAsTold(reader, desk.clusterArn(), name, own))
    },
  }
}

const isAsTold = (reader: Reader, clusterArn: string, name: string, { told, open, mayRollBack }: Known): boolean => {
  const row = reader.get(services, `${clusterArn.replace(':cluster/', ':service/')}/${name}`)
  return [told, ...open].some(wish => isSo(row, wish, mayRollBack))
}

const isSo = (row: Service | undefined, wish: Wish, mayRollBack: boolean): boolean => {
  if (wish === 'absent') return row === undefined
  if (wish === 'deleted') return row === undefined || row.status !== 'ACTIVE'
  if (row?.status !== 'ACTIVE') return false
  if (wish.desiredCount !== undefined && row.desiredCount !== wish.desiredCount) return false
  // A deployment that failed may have been rolled back: then the service has an earlier definition.
  if (mayRollBack || row.deploymentConfiguration.deploymentCircuitBreaker?.rollback === true) return true
  return wish.taskDefinition === undefined || row.taskDefinitionArn === wish.taskDefinition
}
