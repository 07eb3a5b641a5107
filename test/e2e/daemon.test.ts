// A daemon on real containers: it is on the host's network and in its namespaces as asked, is replaced when its container is killed,
// outlives a kill of the server, and leaves nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { IDLE } from './definitions.ts'
import { type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, TEST_IMAGE, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const docker = testDocker()
let stowage: Stowage

before(async () => {
  await ensureTestImage(docker)
  stowage = await startStowage({ args: ['--capacity-provider', 'rack', '--task-cleanup-wait', '1'] })
})
after(() => stowage?.dispose())

const containerOf = async (daemon: string): Promise<string | undefined> => {
  const { taskArns = [] } = await stowage.ecs.send(new ecs.ListTasksCommand({}))
  if (taskArns.length === 0) return undefined
  const { tasks = [] } = await stowage.ecs.send(new ecs.DescribeTasksCommand({ tasks: taskArns }))
  const running = tasks.find(({ group, lastStatus }) => group === `daemon:${daemon}` && lastStatus === 'RUNNING')
  return running?.containers?.[0]?.runtimeId
}

test('a daemon runs on the host, comes back when it is killed, and goes when it is deleted', async () => {
  const client = stowage.ecs
  const autoScalingGroupProvider = { autoScalingGroupArn: 'rack', managedScaling: { status: 'DISABLED' as const } }
  await client.send(new ecs.CreateCapacityProviderCommand({ name: 'rack', autoScalingGroupProvider }))
  const providers = { capacityProviders: ['rack'], defaultCapacityProviderStrategy: [] }
  await client.send(new ecs.PutClusterCapacityProvidersCommand({ cluster: 'default', ...providers }))
  const { daemonTaskDefinitionArn } = await client.send(
    new ecs.RegisterDaemonTaskDefinitionCommand({
      family: 'agent',
      pidMode: 'shared',
      containerDefinitions: [{ name: 'agent', image: TEST_IMAGE, memory: 16, command: IDLE }],
    }),
  )
  const { daemonArn = '' } = await client.send(
    new ecs.CreateDaemonCommand({ daemonName: 'agent', daemonTaskDefinitionArn, capacityProviderArns: ['rack'] }),
  )
  const first = await waitFor('the daemon runs', () => containerOf('agent'))
  const { HostConfig } = await docker.getContainer(first).inspect()
  assert.deepEqual([HostConfig.NetworkMode, HostConfig.PidMode], ['host', 'host'])

  await docker.getContainer(first).kill()
  const second = await waitFor('another runs in its place', async () => {
    const now = await containerOf('agent')
    return now === first ? undefined : now
  })
  await stowage.kill()
  await stowage.start()
  await stowage.connected()
  assert.equal(await containerOf('agent'), second)

  await client.send(new ecs.DeleteDaemonCommand({ daemonArn }))
  await waitFor('no container is left', async () => ((await stowage.containers()).length === 0 ? true : undefined))
  await waitFor('there is no such daemon', async () => {
    const answer = await client.send(new ecs.DescribeDaemonCommand({ daemonArn })).catch((error: unknown) => error)
    return answer instanceof ecs.DaemonNotFoundException || undefined
  })
})
