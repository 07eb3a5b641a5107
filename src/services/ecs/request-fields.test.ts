import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type ServiceModel, serviceModel } from '../../aws/model/service-model.ts'
import type { Member, Shape } from '../../aws/model/shape.ts'
import { type FieldSupport, type Fields, refusalText } from './field-support.ts'
import { ecsOperations } from './operations.ts'
import { requestFields } from './request-fields.ts'
import { ecsService } from './service-description.ts'
import { testWorkloads } from './task/test-workloads.ts'
import { testRequest } from './test-ecs.ts'

const SERVICE = { serviceName: 'a', taskDefinition: 'web', desiredCount: 0 }
const GROUP = { autoScalingGroupProvider: { autoScalingGroupArn: 'group' } }

const DAEMON = { daemonTaskDefinitionArn: 'agent', capacityProviderArns: ['there'] }

/** What passes, so that what is refused is refused for the field alone. */
const BASES: Readonly<Record<string, object>> = {
  CreateService: SERVICE,
  UpdateService: { service: 'there' },
  CreateTaskSet: { cluster: 'default', service: 'external', taskDefinition: 'web' },
  RunTask: { taskDefinition: 'web' },
  StartTask: { taskDefinition: 'web', containerInstances: ['0'.repeat(32)] },
  CreateCluster: { clusterName: 'a' },
  UpdateCluster: { cluster: 'default' },
  CreateCapacityProvider: { name: 'mine', ...GROUP },
  UpdateCapacityProvider: { name: 'there', autoScalingGroupProvider: {} },
  DeleteCapacityProvider: { capacityProvider: 'there' },
  CreateDaemon: { daemonName: 'a', ...DAEMON },
  UpdateDaemon: { daemonArn: 'arn:aws:ecs:us-east-1:123456789012:daemon/default/there', ...DAEMON },
}

let model: ServiceModel
let operations: ReturnType<typeof ecsOperations>
before(async () => {
  const { dependencies, call } = await testWorkloads()
  operations = ecsOperations(dependencies)
  model = await serviceModel(ecsService(dependencies))
  const run = async (name: string, input: object) => call(() => operations[name] ?? assert.fail(name), input)
  await run('CreateService', { ...SERVICE, serviceName: 'there' })
  await run('CreateService', { serviceName: 'external', desiredCount: 0, deploymentController: { type: 'EXTERNAL' } })
  await run('CreateCapacityProvider', { name: 'there', ...GROUP })
  await run('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: ['there'],
    defaultCapacityProviderStrategy: [],
  })
  const containerDefinitions = [{ name: 'agent', image: 'fake/run', memory: 16 }]
  await run('RegisterDaemonTaskDefinition', { family: 'agent', containerDefinitions })
  await run('CreateDaemon', { daemonName: 'there', ...DAEMON })
})

/** Something that a member of this shape can be set to, and that asks for something. */
const sample = (shape: Shape): unknown => {
  switch (shape.kind) {
    case 'structure':
      return Object.fromEntries(shape.members.map(({ name, shape: member }) => [name, sample(member)]))
    case 'list':
      return [sample(shape.element.shape)]
    case 'map':
      return { key: sample(shape.value.shape) }
    case 'string':
      return shape.values?.[0] ?? 'set'
    case 'number':
      return 1
    case 'boolean':
      return true
    default:
      return 'set'
  }
}

type Case = { readonly path: string; readonly text: string; readonly set: unknown }

/** Every value that is refused, as the member of a request. */
const refusals = (members: readonly Member[], fields: Fields, path = ''): Case[] =>
  members.flatMap(({ name, shape }) => {
    const support: FieldSupport = fields[name] ?? assert.fail(`${path}${name} is in no table`)
    const at = `${path}${name}`
    if (support.support === 'refused') {
      const set = sample(shape)
      return [{ path: at, text: refusalText({ path: at, support }), set: { [name]: set } }]
    }
    if ('only' in support) {
      const values = shape.kind === 'string' && shape.values ? shape.values : [shape.kind === 'number' ? 7 : 'enabled']
      return values
        .filter(value => !support.only.includes(value))
        .map(value => ({ path: at, text: refusalText({ path: at, support, value }), set: { [name]: value } }))
    }
    if (!('within' in support)) return []
    const inner = shape.kind === 'list' ? shape.element.shape : shape
    const cases = inner.kind === 'structure' ? refusals(inner.members, support.within, `${at}.`) : []
    return cases.map(one => ({ ...one, set: { [name]: shape.kind === 'list' ? [one.set] : one.set } }))
  })

/** Takes nothing that is refused by its table. */
const ACCEPTING = ['UpdateClusterSettings']

for (const { operations: names, fields, code } of requestFields) {
  for (const name of names.filter(each => !ACCEPTING.includes(each))) {
    test(`${name} refuses what its table says, in the words that are documented`, async () => {
      const operation = operations[name] ?? assert.fail(name)
      const { inputShape } = model.operation(name)
      assert(inputShape.kind === 'structure')
      const cases = refusals(inputShape.members, fields)
      assert(cases.length > 0)
      for (const { text, set } of cases) {
        await assert.rejects(async () => operation(testRequest, { ...BASES[name], ...Object(set) }), {
          code,
          message: text,
        })
      }
    })
  }
}
