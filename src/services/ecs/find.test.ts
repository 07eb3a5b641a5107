import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AwsError } from '../../aws/error.ts'
import type { Cluster } from '../../domain/cluster.ts'
import type { Reader } from '../../store/store.ts'
import { clusters } from '../../store/tables.ts'
import { createCluster } from './cluster/create-cluster.ts'
import { deleteCluster } from './cluster/delete-cluster.ts'
import {
  clusterArnFor,
  containerInstanceArnFor,
  findCluster,
  findTaskDefinition,
  serviceArnFor,
  taskArnFor,
} from './find.ts'
import { deregisterTaskDefinition } from './task-definition/deregister-task-definition.ts'
import { registerTaskDefinition } from './task-definition/register-task-definition.ts'
import { testEcs, testRequest } from './test-ecs.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012'
const notFound = (): AwsError => new AwsError('ClientException', 'none')

const clusterNamed = (store: Reader, name: string): Cluster => {
  const cluster = store.get(clusters, `${ARN}:cluster/${name}`)
  assert(cluster)
  return cluster
}

test('a cluster is found by name, by ARN, and as default', async () => {
  const { call, store } = await testEcs()
  await call(createCluster, { clusterName: 'blue' })
  await call(createCluster, {})
  assert.equal(findCluster(store, testRequest, 'blue').name, 'blue')
  assert.equal(findCluster(store, testRequest, `${ARN}:cluster/blue`).name, 'blue')
  assert.equal(findCluster(store, testRequest, undefined).name, 'default')
})

test('unknown and deleted clusters, and ARNs of elsewhere, are told apart', async () => {
  const { call, store } = await testEcs()
  const find = (identifier: string) => () => findCluster(store, testRequest, identifier)
  assert.throws(find('none'), { code: 'ClusterNotFoundException', message: 'Cluster not found.' })
  await call(createCluster, { clusterName: 'gone' })
  await call(deleteCluster, { cluster: 'gone' })
  assert.throws(find('gone'), { code: 'ClusterNotFoundException', message: 'The referenced cluster was inactive.' })
  assert.throws(find('arn:aws:ecs:eu-west-1:123456789012:cluster/a'), { message: 'Invalid Region in ARN' })
  assert.throws(find('arn:aws:ecs:us-east-1:210987654321:cluster/a'), {
    code: 'InvalidParameterException',
    message: 'Invalid identifier: Identifier is for 210987654321. Your accountId is 123456789012',
  })
  assert.throws(() => clusterArnFor(testRequest, `${ARN}:service/a/b`), { code: 'InvalidParameterException' })
})

test('a task definition is found by family, revision and ARN; a bare family means its newest ACTIVE revision', async () => {
  const { call, store } = await testEcs()
  const find = (identifier: string) => findTaskDefinition(store, testRequest, identifier, notFound).revision
  const containerDefinitions = [{ name: 'a', image: 'a', memory: 8 }]
  for (let i = 0; i < 20; i++) await call(registerTaskDefinition, { family: 'web', containerDefinitions })
  await call(registerTaskDefinition, { family: 'web-2', containerDefinitions })
  assert.equal(find('web'), 20)
  assert.equal(find('web:3'), 3)
  assert.equal(find(`${ARN}:task-definition/web:7`), 7)
  assert.equal(find(`${ARN}:task-definition/web`), 20)
  for (const revision of [20, 19, 18, 17, 5, 1])
    await call(deregisterTaskDefinition, { taskDefinition: `web:${revision}` })
  assert.equal(find('web'), 16)
  assert.equal(find('web:20'), 20)
  for (let revision = 3; revision <= 16; revision++)
    if (revision !== 5) await call(deregisterTaskDefinition, { taskDefinition: `web:${revision}` })
  assert.equal(find('web'), 2)
  await call(deregisterTaskDefinition, { taskDefinition: 'web:2' })
  assert.throws(() => find('web'), { message: 'none' })
  assert.throws(() => find('web:21'), { message: 'none' })
  assert.throws(() => find('web:x'), { code: 'InvalidParameterException', message: 'Invalid revision number.' })
})

test('identifiers of services, tasks and instances stand for long ARNs', async () => {
  const { call, store } = await testEcs()
  await call(createCluster, { clusterName: 'blue' })
  const blue = clusterNamed(store, 'blue')
  const id = '0123456789abcdef0123456789abcdef'
  assert.equal(serviceArnFor(testRequest, blue, 'web'), `${ARN}:service/blue/web`)
  assert.equal(serviceArnFor(testRequest, blue, `${ARN}:service/web`), `${ARN}:service/blue/web`)
  assert.throws(() => serviceArnFor(testRequest, blue, `${ARN}:service/red/web`), {
    code: 'InvalidParameterException',
    message: 'Invalid identifier: Identifier is for cluster red. Your cluster is blue',
  })
  assert.equal(taskArnFor(testRequest, blue, id), `${ARN}:task/blue/${id}`)
  assert.equal(taskArnFor(testRequest, blue, `${ARN}:task/${id}`), `${ARN}:task/blue/${id}`)
  assert.throws(() => taskArnFor(testRequest, blue, `${ARN}:task/red/${id}`), {
    code: 'InvalidParameterException',
    message: 'Invalid identifier: Identifier is for cluster red. Your cluster is blue',
  })
  assert.equal(containerInstanceArnFor(testRequest, blue, id), `${ARN}:container-instance/blue/${id}`)
  assert.throws(() => taskArnFor(testRequest, blue, 'abc'), { message: 'taskId length should be one of [32,36]' })
  assert.throws(() => taskArnFor(testRequest, blue, 'a/b'), { message: 'Task Identifier is invalid' })
})
