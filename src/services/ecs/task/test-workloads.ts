// ECS for tests with something to run on: cluster `default`, task definition `web`, and instances whose agents are
// connected. An agent's report is one call.
import type { RegisterTaskDefinitionRequest, SubmitTaskStateChangeRequest } from '@aws-sdk/client-ecs'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import { containerInstances, taskDefinitions } from '../../../store/tables.ts'
import { submitTaskStateChange } from '../agent/submit-task-state-change.ts'
import { createCluster } from '../cluster/create-cluster.ts'
import { registerContainerInstance } from '../container-instance/register-container-instance.ts'
import { registerTaskDefinition } from '../task-definition/register-task-definition.ts'
import { type TestEcs, testEcs } from '../test-ecs.ts'

export const ARN = 'arn:aws:ecs:us-east-1:123456789012'

export const awsvpcConfiguration = { subnets: ['subnet-1'] }

/** What Fargate takes, to be given to `define`, and how it is launched. */
export const SIZED: Partial<RegisterTaskDefinitionRequest> = {
  family: 'sized',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'app', image: 'fake/run', portMappings: [{ containerPort: 80 }] }],
}
export const ON_FARGATE = {
  taskDefinition: 'sized',
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration },
} as const

export const REFUSED = 'InvalidParameterException'

type InstanceSpec = {
  readonly cluster?: string
  readonly zone?: string
  readonly fargate?: boolean
  readonly memory?: number
  readonly connected?: boolean
  readonly gpus?: readonly string[]
}

export type TestWorkloads = TestEcs & {
  readonly define: (definition?: Partial<RegisterTaskDefinitionRequest>) => Promise<string>
  /** Registers an instance and answers its ARN. */
  readonly join: (spec?: InstanceSpec) => Promise<string>
  readonly report: (report: SubmitTaskStateChangeRequest) => Promise<void>
}

export const testWorkloads = async (): Promise<TestWorkloads> => {
  const ecs = await testEcs()
  const { call, store } = ecs
  await call(createCluster, {})
  const define: TestWorkloads['define'] = async (definition = {}) => {
    const containerDefinitions = [
      {
        name: 'app',
        image: 'fake/run',
        cpu: 128,
        memory: 64,
        portMappings: [{ containerPort: 80, hostPort: 8080 }],
      },
    ]
    const registered = await call(registerTaskDefinition, { family: 'web', containerDefinitions, ...definition })
    return registered.taskDefinition?.taskDefinitionArn ?? ''
  }
  const join: TestWorkloads['join'] = async ({
    cluster,
    zone,
    fargate,
    memory = 1024,
    connected = true,
    gpus = [],
  } = {}) => {
    const attributes = [
      // What the test's definition asks for, whatever that is.
      ...[...store.all(taskDefinitions)].flatMap(row => row.requiresAttributes.map(name => ({ name }))),
      { name: 'ecs.cpu-architecture', value: 'x86_64' },
      { name: 'ecs.availability-zone', value: zone ?? 'us-east-1a' },
      ...(fargate ? [{ name: 'stowage.fargate-capacity', value: 'true' }] : []),
    ]
    const { containerInstance } = await call(registerContainerInstance, {
      cluster,
      attributes,
      totalResources: [
        { name: 'CPU', type: 'INTEGER', integerValue: 2048 },
        { name: 'MEMORY', type: 'INTEGER', integerValue: memory },
        { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22'] },
        { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
      ],
      platformDevices: gpus.map(id => ({ id, type: 'GPU' as const })),
    })
    const arn = containerInstance?.containerInstanceArn ?? ''
    await change(arn, { agentConnected: connected })
    return arn
  }
  const change = (arn: string, changed: Partial<ContainerInstance>): Promise<void> =>
    store.write(tx => {
      const row = tx.get(containerInstances, arn)
      if (row) tx.put(containerInstances, { ...row, ...changed })
    })
  const report: TestWorkloads['report'] = async said => {
    await call(submitTaskStateChange, said)
  }
  await define()
  return { ...ecs, define, join, report }
}
