import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { services } from '../../../store/tables.ts'
import { ARN, REFUSED, testWorkloads } from '../task/test-workloads.ts'
import { createService } from './create-service.ts'
import { deleteService } from './delete-service.ts'
import { listServices } from './list-services.ts'
import { updateService } from './update-service.ts'

const daemon = { serviceName: 'logs', taskDefinition: 'web', schedulingStrategy: 'DAEMON' } as const

const refusedWith = (message: string) => ({ code: REFUSED, message })
const NO_COUNT =
  'The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again'
const NO_STRATEGY =
  'The daemon scheduling strategy does not support placement strategies. Remove the placement strategy and try again'
const AT_MOST_100 =
  'The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment configuration. Change the maximumPercent value to 100, and try again'

describe('a DAEMON service', () => {
  test('is created without a count, with percents of its own', async () => {
    const { call } = await testWorkloads()
    const { service } = await call(createService, daemon)
    const { minimumHealthyPercent, maximumPercent } = service?.deploymentConfiguration ?? {}
    assert.deepEqual([service?.schedulingStrategy, service?.desiredCount], ['DAEMON', 0])
    assert.deepEqual([minimumHealthyPercent, maximumPercent], [0, 100])
    const { serviceArns } = await call(listServices, { schedulingStrategy: 'DAEMON' })
    assert.deepEqual(serviceArns, [service?.serviceArn])
  })

  test('the same request again answers it, however many instances it runs on by then', async () => {
    const { call, store } = await testWorkloads()
    await call(createService, daemon)
    const row = store.get(services, `${ARN}:service/default/logs`)
    assert.ok(row)
    await store.write(tx => tx.put(services, { ...row, desiredCount: 3 }))
    const { service } = await call(createService, daemon)
    assert.equal(service?.desiredCount, 3)
  })

  test('refuses what does not go with one task an instance', async () => {
    const { call } = await testWorkloads()
    const create = (more: object) => call(createService, { ...daemon, ...more })
    await assert.rejects(create({ desiredCount: 1 }), refusedWith(NO_COUNT))
    await assert.rejects(create({ placementStrategy: [{ type: 'random' }] }), refusedWith(NO_STRATEGY))
    await assert.rejects(create({ deploymentConfiguration: { maximumPercent: 200 } }), refusedWith(AT_MOST_100))
    await assert.rejects(create({ launchType: 'FARGATE' }), { code: REFUSED })
    await assert.rejects(
      create({ capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }] }),
      refusedWith(
        'Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy.',
      ),
    )
    await create({ placementStrategy: [], deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 50 } })
    const update = (more: object) => call(updateService, { service: 'logs', ...more })
    await assert.rejects(update({ desiredCount: 0 }), refusedWith(NO_COUNT))
    await assert.rejects(update({ placementStrategy: [{ type: 'random' }] }), refusedWith(NO_STRATEGY))
    await assert.rejects(update({ deploymentConfiguration: { maximumPercent: 150 } }), refusedWith(AT_MOST_100))
    const { service } = await update({
      deploymentConfiguration: { minimumHealthyPercent: 20 },
      forceNewDeployment: true,
    })
    assert.deepEqual([service?.deploymentConfiguration?.minimumHealthyPercent, service?.deployments?.length], [20, 2])
  })

  test('is deleted without force', async () => {
    const { call, store } = await testWorkloads()
    await call(createService, daemon)
    const row = store.get(services, `${ARN}:service/default/logs`)
    assert.ok(row)
    await store.write(tx => tx.put(services, { ...row, desiredCount: 3 }))
    assert.equal((await call(deleteService, { service: 'logs' })).service?.status, 'DRAINING')
  })
})
