// A server's insides for property tests: every AWS service over one store with something of everything in it, asked by bytes
// as the gateway asks them, without sockets and signatures. The same ids each time, so that inputs can name what is there.
import assert from 'node:assert/strict'
import { AwsError } from '../../src/aws/error.ts'
import type { HttpRequest } from '../../src/aws/http-request.ts'
import { type ServiceModel, serviceModel } from '../../src/aws/model/service-model.ts'
import type { Shape } from '../../src/aws/model/shape.ts'
import type { AwsService } from '../../src/aws/operation.ts'
import { awsJson } from '../../src/aws/protocol/aws-json.ts'
import { awsQuery } from '../../src/aws/protocol/aws-query.ts'
import { ec2Query } from '../../src/aws/protocol/ec2-query.ts'
import type { Protocol } from '../../src/aws/protocol/protocol.ts'
import { validate } from '../../src/aws/validate.ts'
import type { TestClock } from '../../src/lib/clock.ts'
import type { Ids } from '../../src/lib/ids.ts'
import { type Log, silentLog } from '../../src/lib/log.ts'
import { startReconcilers } from '../../src/reconcilers/start.ts'
import { awsServices } from '../../src/roles/aws-services.ts'
import { createCapacityProvider } from '../../src/services/ecs/capacity-provider/create-capacity-provider.ts'
import { putClusterCapacityProviders } from '../../src/services/ecs/cluster/put-cluster-capacity-providers.ts'
import { createService } from '../../src/services/ecs/service/create-service.ts'
import { runTask } from '../../src/services/ecs/task/run-task.ts'
import { SIZED, testWorkloads } from '../../src/services/ecs/task/test-workloads.ts'
import { deregisterTaskDefinition } from '../../src/services/ecs/task-definition/deregister-task-definition.ts'
import { createTaskSet } from '../../src/services/ecs/task-set/create-task-set.ts'
import { testRequest } from '../../src/services/ecs/test-ecs.ts'
import type { Store } from '../../src/store/store.ts'
import type { Table } from '../../src/store/table.ts'
import { allTables, tasks } from '../../src/store/tables.ts'
import { inTime } from './budget.ts'
import { hintsOf } from './hints.ts'
import type { Hints } from './shapes.ts'

export const PROTOCOLS: Readonly<Record<AwsService['protocol'], Protocol>> = {
  awsJson1_0: awsJson('1.0'),
  awsJson1_1: awsJson('1.1'),
  awsQuery: awsQuery(),
  ec2Query: ec2Query(),
}

export type Built = { readonly service: AwsService; readonly model: ServiceModel; readonly operation: string }

export type Plane = {
  readonly store: Store
  readonly services: readonly AwsService[]
  readonly hints: Hints
  /**
   * Asks as a caller does; the error that it is answered, or nothing. Throws for everything that no caller should see: another
   * error than AWS's, an answer that cannot be written.
   */
  readonly ask: (built: Built, input: unknown) => Promise<AwsError | undefined>
  /** Lets the loops work for some seconds of their time on what is there; throws when one of them fails. */
  readonly liveOn: () => Promise<void>
}

export const makePlane = async (): Promise<Plane> => {
  const { store, clock, dependencies, call, define, join, report } = await testWorkloads()
  await define({ ...SIZED })
  await define({ family: 'retired' })
  await call(deregisterTaskDefinition, { taskDefinition: 'retired:1' })
  await join({ memory: 4096 })
  await join({ zone: 'us-east-1b' })
  await call(createCapacityProvider, { name: 'rack', autoScalingGroupProvider: { autoScalingGroupArn: 'rack' } })
  const capacityProviders = ['rack', 'FARGATE']
  await call(putClusterCapacityProviders, {
    cluster: 'default',
    capacityProviders,
    defaultCapacityProviderStrategy: [],
  })
  await call(createService, { serviceName: 'shop', taskDefinition: 'web', desiredCount: 1 })
  await call(createService, { serviceName: 'sets', desiredCount: 1, deploymentController: { type: 'EXTERNAL' } })
  await call(createTaskSet, { cluster: 'default', service: 'sets', taskDefinition: 'web' })
  await call(runTask, { taskDefinition: 'web', count: 1 })
  for (const { arn } of [...store.all(tasks)]) await report({ task: arn, status: 'RUNNING' })
  const services = awsServices(dependencies)
  // Whoever asks first, for whatever, makes an account's default VPC.
  await services.find(({ name }) => name === 'ec2')?.operations['DescribeVpcs']?.(testRequest, {})
  return { store, services, hints: hintsOf(store), ask, liveOn: () => liveOn(store, clock, dependencies.ids) }
}

const liveOn = async (store: Store, clock: TestClock, ids: Ids): Promise<void> => {
  const complaints: string[] = []
  const complain: Log['warn'] = ({ err, ...fields }, message) => {
    complaints.push(`${message} ${JSON.stringify(fields)} ${err instanceof Error ? err.stack : String(err ?? '')}`)
  }
  const log: Log = { ...silentLog, warn: complain, error: complain, child: () => log }
  const loops = startReconcilers({ store, clock, ids, log })
  for (let second = 0; second < 5; second++) await clock.advance(1_000)
  await loops.stop()
  assert.deepEqual(complaints, [])
}

const ask: Plane['ask'] = async ({ service, model, operation: name }, input) => {
  const protocol = PROTOCOLS[service.protocol]
  const request = requestOf(service, name, model.operation(name).inputShape, input)
  try {
    const answer = inTime(name, () => {
      assert.equal(protocol.operationName(request, service), name)
      const decoded = protocol.decode(request, model.operation(name))
      validate(service, name, model.operation(name).inputShape, decoded)
      return service.operations[name]?.(testRequest, decoded)
    })
    const output = await answer
    await protocol.encode({ service, operation: name, model: model.operation(name), output, requestId: 'id' })
    return undefined
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    protocol.encodeError(error, { service, model, requestId: 'id' })
    return error
  }
}

const requestOf = (service: AwsService, name: string, shape: Shape, input: unknown): HttpRequest => {
  const json = service.protocol.startsWith('awsJson')
  const headers = new Map<string, string>(json ? [['x-amz-target', `${service.target}.${name}`]] : [])
  const form = () => new URLSearchParams([['Action', name], ...fieldsOf(shape, input)]).toString()
  return { method: 'POST', path: '/', query: '', headers, body: Buffer.from(json ? JSON.stringify(input) : form()) }
}

/** As a Query client flattens it; what does not fit the shape is sent as it is. */
const fieldsOf = (shape: Shape | undefined, value: unknown, prefix = ''): [string, string][] => {
  const below = (name: string): string => (prefix === '' ? name : `${prefix}.${name}`)
  if (typeof value !== 'object' || value === null) return prefix === '' ? [] : [[prefix, String(value)]]
  if (shape?.kind === 'list' && Array.isArray(value)) {
    const at = shape.flat ? prefix : below(shape.element.wireName)
    return value.flatMap((item, index) => fieldsOf(shape.element.shape, item, `${at}.${index + 1}`))
  }
  const members = shape?.kind === 'structure' ? shape.members : []
  return Object.entries(value).flatMap(([name, item]) => {
    const member = members.find(one => one.name === name)
    return fieldsOf(member?.shape, item, below(member?.wireName ?? name))
  })
}

/** Every operation that is built, of every service. */
export const builtOperations = async ({ services }: Plane): Promise<readonly Built[]> => {
  const built = await Promise.all(
    services.map(async service => {
      const model = await serviceModel(service)
      return Object.keys(service.operations).map(operation => ({ service, model, operation }))
    }),
  )
  return built.flat()
}

/** Every row there is, as it is: rows are never changed in place, so that the same rows are the same objects. */
export const rowsOf = (store: Store): readonly unknown[] =>
  allTables.flatMap(table => [...store.all(table as Table<object>)])
