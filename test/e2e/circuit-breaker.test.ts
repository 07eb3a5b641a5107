// The deployment circuit breaker on real containers: an image whose program exits with 1 is given up after three failures, and
// the containers that ran before go on running, untouched.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateServiceCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  type ServiceDeployment,
  type ServiceDeploymentStatus,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { inspectAll, type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

let stowage: Stowage
before(async () => {
  await ensureTestImage(testDocker())
  // Much longer than the program that exits needs for that, on a machine that stalls meanwhile too.
  stowage = await startStowage({ args: ['--healthy-after', '8'] })
})
after(() => stowage?.dispose())

const until = (status: ServiceDeploymentStatus): Promise<ServiceDeployment> =>
  waitFor(`the deployment is ${status}`, async () => {
    const listed = await stowage.ecs.send(new ListServiceDeploymentsCommand({ service: 'web', maxResults: 1 }))
    const serviceDeploymentArns = [listed.serviceDeployments?.[0]?.serviceDeploymentArn ?? '']
    const { serviceDeployments: [found] = [] } = await stowage.ecs.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }),
    )
    return found?.status === status ? found : undefined
  })

const runningContainers = async (): Promise<string[]> => {
  const infos = await inspectAll(stowage)
  return infos
    .filter(({ State }) => State.Running)
    .map(({ Id, State }) => `${Id} ${State.StartedAt}`)
    .sort()
}

test('a program that exits with 1 is rolled back after three failures; nothing that ran is touched', async t => {
  const { ecs } = stowage
  await ecs.send(new RegisterTaskDefinitionCommand(idleTask('web')))
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } }
  const input = { serviceName: 'web', taskDefinition: 'web', desiredCount: 1, deploymentConfiguration }
  await ecs.send(new CreateServiceCommand(input))
  await until('SUCCESSFUL')
  const kept = await runningContainers()
  assert.equal(kept.length, 1)
  const begin = Date.now()
  await ecs.send(new RegisterTaskDefinitionCommand(idleTask('web', { command: ['sh', '-c', 'exit 1'] })))
  await ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: 'web' }))
  const done = await until('ROLLBACK_SUCCESSFUL')
  t.diagnostic(`rolled back ${Date.now() - begin} ms after UpdateService`)
  assert.deepEqual([done.deploymentCircuitBreaker?.failureCount, done.deploymentCircuitBreaker?.threshold], [3, 3])
  const { services: [service] = [] } = await ecs.send(new DescribeServicesCommand({ services: ['web'] }))
  assert.match(service?.taskDefinition ?? '', /web:1$/)
  assert.deepEqual(await runningContainers(), kept)
})
