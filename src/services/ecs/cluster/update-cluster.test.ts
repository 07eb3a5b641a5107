import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putAccountSetting } from '../account-setting/put-account-setting.ts'
import { testEcs } from '../test-ecs.ts'
import { createCluster } from './create-cluster.ts'
import { updateCluster } from './update-cluster.ts'
import { updateClusterSettings } from './update-cluster-settings.ts'

const OFF = [{ name: 'containerInsights' as const, value: 'disabled' }]

test('UpdateCluster and UpdateClusterSettings answer the cluster with its settings', async () => {
  const { call } = await testEcs()
  await call(createCluster, { clusterName: 'c', tags: [{ key: 'a', value: 'b' }] })
  const updated = await call(updateCluster, { cluster: 'c', settings: OFF, serviceConnectDefaults: { namespace: '' } })
  assert.deepEqual(updated.cluster?.settings, OFF)
  assert.deepEqual(updated.cluster?.tags, [{ key: 'a', value: 'b' }])
  const set = await call(updateClusterSettings, { cluster: 'c', settings: OFF })
  assert.deepEqual(set.cluster, updated.cluster)
})

test('containerInsights is kept as it was asked for; the account setting is the default of new clusters', async () => {
  const { call } = await testEcs()
  const insights = (value: string) => [{ name: 'containerInsights' as const, value }]
  const created = await call(createCluster, { clusterName: 'c', settings: insights('enabled') })
  assert.deepEqual(created.cluster?.settings, insights('enabled'))
  const untouched = await call(updateCluster, { cluster: 'c' })
  assert.deepEqual(untouched.cluster?.settings, insights('enabled'))
  const set = await call(updateClusterSettings, { cluster: 'c', settings: insights('enhanced') })
  assert.deepEqual(set.cluster?.settings, insights('enhanced'))
  await call(putAccountSetting, { name: 'containerInsights', value: 'enabled' })
  assert.deepEqual((await call(createCluster, { clusterName: 'd' })).cluster?.settings, insights('enabled'))
  const off = await call(createCluster, { clusterName: 'e', settings: insights('disabled') })
  assert.deepEqual(off.cluster?.settings, insights('disabled'))
})

test('what nothing here acts on is refused, an unknown cluster not found', async () => {
  const { call } = await testEcs()
  await call(createCluster, { clusterName: 'c' })
  const refused = { code: 'InvalidParameterException', message: /Stowage does not support/ }
  const executeCommandConfiguration = { logging: 'DEFAULT' as const }
  await assert.rejects(call(updateCluster, { cluster: 'c', configuration: { executeCommandConfiguration } }), refused)
  await assert.rejects(call(updateCluster, { cluster: 'c', serviceConnectDefaults: { namespace: 'n' } }), refused)
  const missing = { code: 'ClusterNotFoundException' }
  await assert.rejects(call(updateCluster, { cluster: 'none' }), missing)
  await assert.rejects(call(updateClusterSettings, { cluster: 'none', settings: OFF }), missing)
})
