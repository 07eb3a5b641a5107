// Deployments by the SDK against a whole `stowage up` with simulated instances: service deployments and revisions as Terraform
// looks for them, the circuit breaker with and without rollback, a deployment that a user stops.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { type Stowage, startStowage } from '../e2e/stowage.ts'
import { waitFor } from '../e2e/wait-for.ts'

let stowage: Stowage
let client: ecs.ECSClient
before(async () => {
  stowage = await startStowage({ runtime: 'fake', instances: 2, args: ['--healthy-after', '1'] })
  client = stowage.ecs
})
after(() => stowage?.dispose())

const wait = () => ({ client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 })
const register = async (family: string, image: string): Promise<string> => {
  const containerDefinitions = [{ name: 'main', image, cpu: 64, memory: 32 }]
  const answer = await client.send(new ecs.RegisterTaskDefinitionCommand({ family, containerDefinitions }))
  return answer.taskDefinition?.taskDefinitionArn ?? ''
}
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } }
const create = async (
  serviceName: string,
  image: string,
  deploymentConfiguration: ecs.DeploymentConfiguration = BREAKER,
): Promise<void> => {
  const taskDefinition = await register(serviceName, image)
  const input = { serviceName, taskDefinition, desiredCount: 2, deploymentConfiguration }
  await client.send(new ecs.CreateServiceCommand(input))
}
const look = async (service: string): Promise<ecs.Service> => {
  const { services = [] } = await client.send(new ecs.DescribeServicesCommand({ services: [service] }))
  assert(services[0])
  return services[0]
}
const newest = async (service: string): Promise<ecs.ServiceDeployment> => {
  const { serviceDeployments = [] } = await client.send(new ecs.ListServiceDeploymentsCommand({ service }))
  const serviceDeploymentArns = [serviceDeployments[0]?.serviceDeploymentArn ?? '']
  const answer = await client.send(new ecs.DescribeServiceDeploymentsCommand({ serviceDeploymentArns }))
  assert(answer.serviceDeployments?.[0])
  return answer.serviceDeployments[0]
}
const until = (service: string, status: ecs.ServiceDeploymentStatus): Promise<ecs.ServiceDeployment> =>
  waitFor(`the deployment of ${service} is ${status}`, async () => {
    const found = await newest(service)
    return found.status === status ? found : undefined
  })
const messages = async (service: string): Promise<(string | undefined)[]> =>
  ((await look(service)).events ?? []).map(({ message }) => message)

test("as Terraform waits: the new PRIMARY's number is in a listed target at once, and it becomes SUCCESSFUL", async () => {
  await create('terraform', 'fake/run')
  await ecs.waitUntilServicesStable(wait(), { services: ['terraform'] })
  const begin = new Date()
  const taskDefinition = await register('terraform', 'fake/run')
  await client.send(new ecs.UpdateServiceCommand({ service: 'terraform', taskDefinition }))
  const primary = (await look('terraform')).deployments?.find(({ status }) => status === 'PRIMARY')
  assert((primary?.createdAt ?? begin) > begin)
  const listed = await client.send(
    new ecs.ListServiceDeploymentsCommand({ service: 'terraform', createdAt: { after: begin } }),
  )
  const number = primary?.id?.split('/')[1] ?? ''
  const found = listed.serviceDeployments?.filter(one => one.targetServiceRevisionArn?.includes(number))
  assert.equal(found?.length, 1)
  const done = await until('terraform', 'SUCCESSFUL')
  assert.equal(done.serviceDeploymentArn, found[0]?.serviceDeploymentArn)
  assert(done.createdAt && done.startedAt && done.finishedAt)
  assert(done.createdAt <= done.startedAt && done.startedAt <= done.finishedAt)
  assert.equal(done.targetServiceRevision?.runningTaskCount, 2)
  const revision = done.targetServiceRevision.arn ?? ''
  const revisions = await client.send(new ecs.DescribeServiceRevisionsCommand({ serviceRevisionArns: [revision] }))
  assert.equal(revisions.serviceRevisions?.[0]?.taskDefinition, taskDefinition)
  assert.equal(revisions.serviceRevisions[0].containerImages?.[0]?.image, 'fake/run')
})

test('the circuit breaker rolls back to what was complete', async () => {
  await create('breaks', 'fake/run')
  // Stable is before complete: its tasks run, but have not run long enough.
  await until('breaks', 'SUCCESSFUL')
  const before = await look('breaks')
  const bad = await register('breaks', 'fake/exit-1')
  await client.send(new ecs.UpdateServiceCommand({ service: 'breaks', taskDefinition: bad }))
  const done = await until('breaks', 'ROLLBACK_SUCCESSFUL')
  assert.match(
    done.statusReason ?? '',
    /^Service deployment rolled back because the circuit breaker threshold was exceeded\. Last failure: \(task /,
  )
  assert.equal(done.deploymentCircuitBreaker?.status, 'TRIGGERED')
  assert.equal(done.rollback?.serviceRevisionArn, before.currentServiceRevisions?.[0]?.arn)
  await ecs.waitUntilServicesStable(wait(), { services: ['breaks'] })
  const after = await look('breaks')
  assert.equal(after.taskDefinition, before.taskDefinition)
  assert.deepEqual(
    after.deployments?.map(({ id, rolloutState }) => [id, rolloutState]),
    [[before.deployments?.[0]?.id, 'COMPLETED']],
  )
  const told = await messages('breaks')
  assert(told.includes(`(service breaks) rolling back to deployment ${before.deployments?.[0]?.id}.`))
  assert(told.some(message => message?.endsWith('deployment failed: tasks failed to start.')))
})

test('the first deployment has nothing to roll back to; without rollback it stops', async () => {
  await create('first', 'fake/no-pull')
  const failed = await until('first', 'ROLLBACK_FAILED')
  assert.equal(failed.statusReason, 'No rollback candidate was found to run the rollback.')
  const [deployment] = (await look('first')).deployments ?? []
  assert.deepEqual(
    [deployment?.rolloutState, deployment?.rolloutStateReason],
    ['FAILED', 'ECS deployment circuit breaker: tasks failed to start.'],
  )
  assert((deployment?.failedTasks ?? 0) >= 3)
  const thresholdConfiguration = { type: 'COUNT', value: 1 } as const
  await create('stops', 'fake/no-pull', {
    deploymentCircuitBreaker: { enable: true, rollback: false, thresholdConfiguration },
  })
  const stopped = await until('stops', 'STOPPED')
  assert.equal(stopped.deploymentCircuitBreaker?.threshold, 1)
})

test('StopServiceDeployment rolls back, and refuses what is over', async () => {
  await create('stopped', 'fake/run', {})
  await until('stopped', 'SUCCESSFUL')
  const before = await look('stopped')
  const slow = await register('stopped', 'fake/slow-start-600000')
  await client.send(new ecs.UpdateServiceCommand({ service: 'stopped', taskDefinition: slow }))
  const { serviceDeploymentArn } = await newest('stopped')
  await client.send(new ecs.StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }))
  await until('stopped', 'ROLLBACK_SUCCESSFUL')
  assert.equal((await look('stopped')).deployments?.[0]?.id, before.deployments?.[0]?.id)
  await assert.rejects(client.send(new ecs.StopServiceDeploymentCommand({ serviceDeploymentArn })), {
    name: 'ConflictException',
  })
})

test('errors of service deployments and revisions', async () => {
  const arn = (kind: string) => `arn:aws:ecs:us-east-1:${stowage.accountId}:${kind}/default/stopped/1`
  const missing = { failures: [{ arn: arn('service-deployment'), reason: 'MISSING' }] }
  const described = await client.send(
    new ecs.DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn('service-deployment')] }),
  )
  assert.deepEqual(described.failures, missing.failures)
  const revisions = await client.send(
    new ecs.DescribeServiceRevisionsCommand({ serviceRevisionArns: [arn('service-revision')] }),
  )
  assert.equal(revisions.failures?.[0]?.reason, 'MISSING')
  await assert.rejects(client.send(new ecs.ListServiceDeploymentsCommand({ service: 'absent' })), {
    name: 'ServiceNotFoundException',
    message: 'Service not found.',
  })
  await assert.rejects(client.send(new ecs.ListServiceDeploymentsCommand({ service: 'a', cluster: 'absent' })), {
    name: 'ClusterNotFoundException',
  })
  await assert.rejects(client.send(new ecs.DescribeServiceDeploymentsCommand({ serviceDeploymentArns: ['a'] })), {
    name: 'InvalidParameterException',
  })
  await assert.rejects(client.send(new ecs.DescribeServiceRevisionsCommand({ serviceRevisionArns: [] })), {
    name: 'InvalidParameterException',
  })
  const stop = new ecs.StopServiceDeploymentCommand({ serviceDeploymentArn: arn('service-deployment') })
  await assert.rejects(client.send(stop), { name: 'ServiceDeploymentNotFoundException' })
})

test('task sets of a service whose deployments somebody else controls: create, scale, make PRIMARY, delete', async () => {
  const taskDefinition = await register('sets', 'fake/run')
  const named = { cluster: 'default', service: 'sets' }
  await client.send(
    new ecs.CreateServiceCommand({ serviceName: 'sets', desiredCount: 4, deploymentController: { type: 'EXTERNAL' } }),
  )
  const created = await client.send(
    new ecs.CreateTaskSetCommand({ ...named, taskDefinition, scale: { value: 50, unit: 'PERCENT' } }),
  )
  const taskSet = created.taskSet?.taskSetArn ?? ''
  const steady = (count: number) =>
    waitFor(`the task set is steady with ${count}`, async () => {
      const { taskSets = [] } = await client.send(new ecs.DescribeTaskSetsCommand({ ...named, taskSets: [taskSet] }))
      return (taskSets[0]?.stabilityStatus === 'STEADY_STATE' && taskSets[0].runningCount === count) || undefined
    })
  await steady(2)
  await client.send(new ecs.UpdateTaskSetCommand({ ...named, taskSet, scale: { value: 100, unit: 'PERCENT' } }))
  await steady(4)
  await client.send(new ecs.UpdateServicePrimaryTaskSetCommand({ ...named, primaryTaskSet: taskSet }))
  const service = await look('sets')
  assert.deepEqual([service.taskSets?.[0]?.status, service.taskDefinition], ['PRIMARY', taskDefinition])
  await assert.rejects(client.send(new ecs.DeleteTaskSetCommand({ ...named, taskSet })), {
    name: 'InvalidParameterException',
  })
  await client.send(new ecs.DeleteTaskSetCommand({ ...named, taskSet, force: true }))
  await waitFor('the task set is gone', async () => {
    const { taskSets = [] } = await client.send(new ecs.DescribeTaskSetsCommand(named))
    return taskSets.length === 0 || undefined
  })
  const missing = { name: 'TaskSetNotFoundException' }
  await assert.rejects(client.send(new ecs.DeleteTaskSetCommand({ ...named, taskSet })), missing)
  const scale = { value: 1, unit: 'PERCENT' } as const
  await assert.rejects(client.send(new ecs.UpdateTaskSetCommand({ ...named, taskSet, scale })), missing)
  const primary = new ecs.UpdateServicePrimaryTaskSetCommand({ ...named, primaryTaskSet: taskSet })
  await assert.rejects(client.send(primary), missing)
  await assert.rejects(client.send(new ecs.CreateTaskSetCommand({ ...named, service: 'absent', taskDefinition })), {
    name: 'ServiceNotFoundException',
  })
})
