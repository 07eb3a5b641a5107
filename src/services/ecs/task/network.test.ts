// Tasks with network mode awsvpc, from RunTask's answer to their end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SubmitTaskStateChangeRequest } from '@aws-sdk/client-ecs'
import { SANDBOX_NAME, tellAddress } from '../../../domain/sandbox.ts'
import { createService } from '../service/create-service.ts'
import { updateService } from '../service/update-service.ts'
import { describeTasks } from './describe-tasks.ts'
import { runTask } from './run-task.ts'
import { stopTask } from './stop-task.ts'
import { awsvpcConfiguration, ON_FARGATE, SIZED, testWorkloads } from './test-workloads.ts'

const ADDRESS = { ipv4: '172.17.0.5', mac: '02:42:ac:11:00:05' }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const launched = async () => {
  const ecs = await testWorkloads()
  await ecs.define(SIZED)
  await ecs.join({ fargate: true })
  const { tasks: [task] = [] } = await ecs.call(runTask, ON_FARGATE)
  assert.ok(task)
  const arn = task.taskArn ?? ''
  const look = async () => (await ecs.call(describeTasks, { tasks: [arn] })).tasks?.[0]
  const up: SubmitTaskStateChangeRequest = {
    task: arn,
    status: 'RUNNING',
    attachments: [{ attachmentArn: 'a', status: 'ATTACHED' }],
    containers: [
      { containerName: 'app', status: 'RUNNING', runtimeId: 'd1' },
      { containerName: SANDBOX_NAME, status: 'RUNNING', runtimeId: 'd0', ...tellAddress(ADDRESS) },
    ],
  }
  return { ...ecs, task, arn, look, up }
}

test('the storage that a definition asks for is answered', async () => {
  const { call, define, task } = await launched()
  assert.deepEqual(task.ephemeralStorage, { sizeInGiB: 20 })
  await define({ ...SIZED, ephemeralStorage: { sizeInGiB: 30 } })
  const { tasks: [larger] = [] } = await call(runTask, ON_FARGATE)
  assert.deepEqual([larger?.ephemeralStorage, larger?.fargateEphemeralStorage], [{ sizeInGiB: 30 }, { sizeInGiB: 30 }])
})

test('the interface is PRECREATED, then ATTACHED with its address, then DELETED', async () => {
  const { task, arn, look, up, report } = await launched()
  const [created] = task.attachments ?? []
  assert.match(created?.id ?? '', UUID)
  const subnet = { name: 'subnetId', value: 'subnet-1' }
  assert.deepEqual(task.attachments, [
    { id: created?.id, type: 'ElasticNetworkInterface', status: 'PRECREATED', details: [subnet] },
  ])
  assert.deepEqual(task.containers?.[0]?.networkInterfaces, [])
  await report(up)
  const running = await look()
  const [attached] = running?.attachments ?? []
  const networkInterfaceId = attached?.details?.find(({ name }) => name === 'networkInterfaceId')?.value ?? ''
  assert.match(networkInterfaceId, /^eni-[0-9a-f]{17}$/)
  const details = [
    subnet,
    { name: 'networkInterfaceId', value: networkInterfaceId },
    { name: 'macAddress', value: ADDRESS.mac },
    { name: 'privateDnsName', value: 'ip-172-17-0-5.ec2.internal' },
    { name: 'privateIPv4Address', value: ADDRESS.ipv4 },
  ]
  assert.deepEqual(attached, { ...created, status: 'ATTACHED', details })
  const interfaces = [{ attachmentId: created?.id, privateIpv4Address: ADDRESS.ipv4 }]
  assert.deepEqual(running?.containers?.length, 1)
  assert.deepEqual(running?.containers?.[0]?.networkInterfaces, interfaces)
  await report({ task: arn, status: 'STOPPED', containers: [{ containerName: 'app', status: 'STOPPED', exitCode: 0 }] })
  // Late.
  await report(up)
  const stopped = await look()
  assert.deepEqual(stopped?.attachments, [{ ...attached, status: 'DELETED' }])
})

test('the same report again changes nothing; nonsense is no address', async () => {
  const { look, up, report } = await launched()
  await report({ ...up, containers: [{ containerName: SANDBOX_NAME, status: 'RUNNING', reason: 'macAddress=x' }] })
  assert.equal((await look())?.attachments?.[0]?.status, 'PRECREATED')
  await report(up)
  const version = (await look())?.version
  await report(up)
  assert.equal((await look())?.version, version)
})

test('one whose network could not be made says why', async () => {
  const { arn, look, report } = await launched()
  const reason = 'CannotStartContainerError: no addresses left'
  await report({ task: arn, status: 'STOPPED', reason, containers: [{ containerName: 'app', status: 'STOPPED' }] })
  const task = await look()
  assert.deepEqual([task?.stopCode, task?.stoppedReason], ['TaskFailedToStart', reason])
  assert.equal(task?.attachments?.[0]?.status, 'DELETED')
})

test('one stopped while it runs keeps its interface until it has stopped', async () => {
  const { call, arn, look, up, report } = await launched()
  await report(up)
  await call(stopTask, { task: arn })
  assert.equal((await look())?.attachments?.[0]?.status, 'ATTACHED')
})

test('a service keeps its network, with the defaults AWS answers, and begins a deployment for another', async () => {
  const { call, define } = await testWorkloads()
  await define(SIZED)
  const { service } = await call(createService, { ...ON_FARGATE, serviceName: 'shop', desiredCount: 1 })
  const filled = { awsvpcConfiguration: { ...awsvpcConfiguration, securityGroups: [], assignPublicIp: 'DISABLED' } }
  assert.deepEqual(service?.networkConfiguration, filled)
  assert.deepEqual(service?.deployments?.[0]?.networkConfiguration, filled)
  const same = await call(updateService, { service: 'shop', networkConfiguration: ON_FARGATE.networkConfiguration })
  assert.equal(same.service?.deployments?.length, 1)
  const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-2'], assignPublicIp: 'ENABLED' as const } }
  const moved = await call(updateService, { service: 'shop', networkConfiguration })
  assert.deepEqual(
    moved.service?.deployments?.map(each => each.networkConfiguration?.awsvpcConfiguration?.subnets),
    [['subnet-2'], ['subnet-1']],
  )
})
