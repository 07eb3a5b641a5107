// What the daemon operations do to rows, and what they refuse while a daemon is being deleted. All of them through the SDK are in
// test/conformance/daemons.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateDaemonRequest } from '@aws-sdk/client-ecs'
import { deployments, serviceDeployments, serviceRevisions, services } from '../../../store/tables.ts'
import { createCapacityProvider } from '../capacity-provider/create-capacity-provider.ts'
import { deleteCluster } from '../cluster/delete-cluster.ts'
import { putClusterCapacityProviders } from '../cluster/put-cluster-capacity-providers.ts'
import { registerDaemonTaskDefinition } from '../daemon-task-definition/register-daemon-task-definition.ts'
import { describeServices } from '../service/describe-services.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { createDaemon } from './create-daemon.ts'
import { deleteDaemon } from './delete-daemon.ts'
import { describeDaemon } from './describe-daemon.ts'
import { describeDaemonDeployments } from './describe-daemon-deployments.ts'
import { listDaemons } from './list-daemons.ts'
import { updateDaemon } from './update-daemon.ts'

const LOGS = `${ARN}:daemon/default/logs`

const withDaemon = async (more: Partial<CreateDaemonRequest> = {}) => {
  const ecs = await testWorkloads()
  const { call } = ecs
  const autoScalingGroupProvider = { autoScalingGroupArn: 'rack' }
  await call(createCapacityProvider, { name: 'rack', autoScalingGroupProvider })
  const providers = { capacityProviders: ['rack'], defaultCapacityProviderStrategy: [] }
  await call(putClusterCapacityProviders, { cluster: 'default', ...providers })
  const containerDefinitions = [{ name: 'agent', image: 'fake/run', memory: 16 }]
  await call(registerDaemonTaskDefinition, { family: 'agent', containerDefinitions })
  const asked = { daemonTaskDefinitionArn: 'agent', capacityProviderArns: ['rack'] }
  const create = (change: Partial<CreateDaemonRequest> = {}) =>
    call(createDaemon, { daemonName: 'logs', ...asked, ...more, ...change })
  const made = await create()
  return { ...ecs, asked, create, made, update: { daemonArn: LOGS, ...asked } }
}

test('its revision has the number of its deployment, and says what its tasks are made by', async () => {
  const { store, made } = await withDaemon({ critical: false, propagateTags: 'DAEMON' })
  const [deployment] = [...store.byIndex(deployments, 'liveByService', LOGS)]
  const [revision] = [...store.all(serviceRevisions)].filter(row => row.serviceArn === LOGS)
  const [begun] = [...store.byIndex(serviceDeployments, 'byService', LOGS)]
  assert.equal(revision?.arn, `${ARN}:daemon-revision/default/logs/${deployment?.id.slice(-19)}`)
  const { capacityProviders, critical, propagateTags } = revision?.daemon ?? {}
  assert.deepEqual([capacityProviders, critical, propagateTags], [['rack'], false, 'SERVICE'])
  assert.deepEqual([begun?.arn, begun?.status], [made.deploymentArn, 'PENDING'])
})

test('an update keeps what it does not name, and ends the rollout before it', async () => {
  const { call, store, made, update } = await withDaemon({
    critical: false,
    deploymentConfiguration: { drainPercent: 10, bakeTimeInMinutes: 5 },
  })
  const { deploymentArn } = await call(updateDaemon, { ...update, deploymentConfiguration: { drainPercent: 50 } })
  const { drainPercent, bakeTimeInMinutes, critical } = store.get(services, LOGS)?.daemon ?? {}
  assert.deepEqual([drainPercent, bakeTimeInMinutes, critical], [50, 5, false])
  const daemonDeploymentArns = [made.deploymentArn ?? '', deploymentArn ?? '']
  const { daemonDeployments = [] } = await call(describeDaemonDeployments, { daemonDeploymentArns })
  assert.deepEqual(
    daemonDeployments.map(one => [one.status, one.deploymentConfiguration?.drainPercent]),
    [
      ['STOP_REQUESTED', 10],
      ['PENDING', 50],
    ],
  )
})

test('one that is being deleted is shown, not changed, and holds its cluster and its name', async () => {
  const { call, create, update } = await withDaemon()
  const deleted = await call(deleteDaemon, { daemonArn: LOGS })
  assert.equal(deleted.status, 'DELETE_IN_PROGRESS')
  const { daemon } = await call(describeDaemon, { daemonArn: LOGS })
  assert.deepEqual([daemon?.status, daemon?.deploymentArn], ['DELETE_IN_PROGRESS', deleted.deploymentArn])
  assert.equal((await call(listDaemons, {})).daemonSummariesList?.length, 1)
  await assert.rejects(call(updateDaemon, update), { code: 'DaemonNotActiveException' })
  await assert.rejects(call(deleteDaemon, { daemonArn: LOGS }), { code: 'DaemonNotActiveException' })
  await assert.rejects(create(), { code: REFUSED, message: /still being deleted/ })
  await assert.rejects(call(deleteCluster, { cluster: 'default' }), { code: 'ClientException', message: /Daemons/ })
})

test('a token stands for one request; no operation on services knows a daemon', async () => {
  const { call, create } = await withDaemon({ clientToken: 'token' })
  await assert.rejects(create({ critical: false }), { code: REFUSED, message: /not idempotent/ })
  await assert.rejects(call(describeServices, { services: [LOGS] }), { code: REFUSED })
  const { failures } = await call(describeServices, { services: ['logs'] })
  assert.equal(failures?.[0]?.reason, 'MISSING')
})
