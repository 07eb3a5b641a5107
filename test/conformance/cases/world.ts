// What the rows of the conformance tables find there: one `stowage up` with simulated instances, and by name one of each thing
// that an error is about. Rows that change something make a thing of their own first.
import * as ecs from '@aws-sdk/client-ecs'
import { runningTasks } from '../../e2e/service-tasks.ts'
import { type Stowage, startStowage } from '../../e2e/stowage.ts'
import { waitFor } from '../../e2e/wait-for.ts'

export type World = {
  readonly stowage: Stowage
  readonly client: ecs.ECSClient
  /** `arn:aws:ecs:us-east-1:<account>:` and this. */
  readonly arn: (resource: string) => string
  /** ARNs of the cluster default's container instances, connected. */
  readonly instances: readonly [string, string]
  /** The ARN of one in cluster `joined` that no agent speaks for. */
  readonly silent: string
  /** Of service `web`, RUNNING. */
  readonly task: string
  /** The service deployment that `web` was created with, over by now, and its revision. */
  readonly deployment: string
  readonly revision: string
  /** Of service `sets`, whose deployments somebody else controls. */
  readonly taskSet: string
}

export const TASK_SIZE = { cpu: 16, memory: 16 }

/** A family's next revision. */
export const register = (
  client: ecs.ECSClient,
  family: string,
  more: Partial<ecs.RegisterTaskDefinitionRequest> = {},
) =>
  client.send(
    new ecs.RegisterTaskDefinitionCommand({
      family,
      containerDefinitions: [{ name: 'main', image: 'fake/run', ...TASK_SIZE }],
      ...more,
    }),
  )

/** An instance that nobody speaks for. */
export const joinSilently = async (client: ecs.ECSClient, cluster: string): Promise<string> => {
  const totalResources = [
    { name: 'CPU', type: 'INTEGER', integerValue: 64 },
    { name: 'MEMORY', type: 'INTEGER', integerValue: 64 },
  ]
  const { containerInstance } = await client.send(new ecs.RegisterContainerInstanceCommand({ cluster, totalResources }))
  return containerInstance?.containerInstanceArn ?? ''
}

/** A service without tasks that ends as soon as it is deleted; resolves when it is INACTIVE. */
const endedService = async (client: ecs.ECSClient, input: ecs.CreateServiceCommandInput): Promise<void> => {
  await client.send(new ecs.CreateServiceCommand(input))
  const service = input.serviceName ?? ''
  await client.send(new ecs.DeleteServiceCommand({ service, force: true }))
  await waitFor(`${service} is INACTIVE`, async () => {
    const { services } = await client.send(new ecs.DescribeServicesCommand({ services: [service] }))
    return services?.[0]?.status === 'INACTIVE' || undefined
  })
}

const makeClusters = async (client: ecs.ECSClient): Promise<string> => {
  const named = { name: 'vacant', autoScalingGroupProvider: { autoScalingGroupArn: 'vacant' } }
  await client.send(new ecs.CreateCapacityProviderCommand(named))
  for (const clusterName of ['joined', 'serving', 'empty'])
    await client.send(new ecs.CreateClusterCommand({ clusterName }))
  for (const clusterName of ['working', 'watched'])
    await client.send(new ecs.CreateClusterCommand({ clusterName, capacityProviders: ['vacant'] }))
  const idle = { serviceName: 'idle', taskDefinition: 'free', desiredCount: 0 }
  await client.send(new ecs.CreateServiceCommand({ cluster: 'serving', ...idle }))
  // It waits for an instance of that provider, of which there is none.
  const capacityProviderStrategy = [{ capacityProvider: 'vacant' }]
  await client.send(new ecs.RunTaskCommand({ cluster: 'working', taskDefinition: 'free', capacityProviderStrategy }))
  await client.send(new ecs.CreateClusterCommand({ clusterName: 'deleted' }))
  await client.send(new ecs.DeleteClusterCommand({ cluster: 'deleted' }))
  return joinSilently(client, 'joined')
}

const makeServices = async (
  client: ecs.ECSClient,
): Promise<Pick<World, 'task' | 'deployment' | 'revision' | 'taskSet'>> => {
  const EXTERNAL = { deploymentController: { type: 'EXTERNAL' }, desiredCount: 0 } as const
  await client.send(new ecs.CreateServiceCommand({ serviceName: 'web', taskDefinition: 'free', desiredCount: 1 }))
  await client.send(new ecs.CreateServiceCommand({ serviceName: 'sets', ...EXTERNAL }))
  const { taskSet } = await client.send(
    new ecs.CreateTaskSetCommand({ cluster: 'default', service: 'sets', taskDefinition: 'free' }),
  )
  await endedService(client, { serviceName: 'over', taskDefinition: 'free', desiredCount: 0 })
  await endedService(client, { serviceName: 'sets-over', ...EXTERNAL })
  const deployed = await waitFor('the deployment of web is over', async () => {
    const { serviceDeployments = [] } = await client.send(new ecs.ListServiceDeploymentsCommand({ service: 'web' }))
    return serviceDeployments.find(({ status }) => status === 'SUCCESSFUL')
  })
  const [running] = await runningTasks(client, 'web')
  return {
    task: running?.taskArn ?? '',
    deployment: deployed.serviceDeploymentArn ?? '',
    revision: deployed.targetServiceRevisionArn ?? '',
    taskSet: taskSet?.taskSetArn ?? '',
  }
}

export const makeWorld = async (): Promise<World> => {
  const stowage = await startStowage({ runtime: 'fake', instances: 2, args: ['--healthy-after', '0'] })
  const client = stowage.ecs
  await register(client, 'free')
  await register(client, 'retired')
  await client.send(new ecs.DeregisterTaskDefinitionCommand({ taskDefinition: 'retired:1' }))
  const { containerInstanceArns: [one = '', two = ''] = [] } = await client.send(
    new ecs.ListContainerInstancesCommand({}),
  )
  const silent = await makeClusters(client)
  const services = await makeServices(client)
  const arn = (resource: string) => `arn:aws:ecs:us-east-1:${stowage.accountId}:${resource}`
  return { stowage, client, arn, instances: [one, two], silent, ...services }
}
