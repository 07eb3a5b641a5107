import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { TaskDefinition } from '../domain/task-definition.ts'
import { accountSettings } from '../store/tables.ts'
import { testStore } from '../store/test-store.ts'
import { defaultLogDriverMode, withLogDriverMode } from './log-driver-mode.ts'

const definition = (...containerDefinitions: ContainerDefinition[]): TaskDefinition => ({
  arn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
  family: 'web',
  revision: 1,
  status: 'ACTIVE',
  containerDefinitions,
  volumes: [],
  placementConstraints: [],
  requiresAttributes: [],
  compatibilities: ['EC2'],
  tags: [],
  registeredAt: 0,
  registeredBy: 'root',
})

test("the mode is the account's setting, non-blocking without one", async () => {
  const store = await testStore()
  const task = { arn: 'arn:aws:ecs:us-east-1:123456789012:task/default/1' }
  assert.equal(defaultLogDriverMode(store, task), 'non-blocking')
  const put = (region: string, principal: string) =>
    store.write(tx =>
      tx.put(accountSettings, {
        region,
        principalArn: `arn:aws:iam::123456789012:${principal}`,
        name: 'defaultLogDriverMode',
        value: 'blocking',
      }),
    )
  await put('eu-west-1', 'root')
  await put('us-east-1', 'user/ada')
  assert.equal(defaultLogDriverMode(store, task), 'non-blocking')
  await put('us-east-1', 'root')
  assert.equal(defaultLogDriverMode(store, task), 'blocking')
})

test('it goes where a log configuration names none, and nowhere else', () => {
  const plain = definition(
    { name: 'a' },
    { name: 'b', logConfiguration: { logDriver: 'json-file', options: { mode: 'blocking' } } },
  )
  assert.equal(withLogDriverMode(plain, 'non-blocking'), plain)
  const some = definition(
    { name: 'a' },
    { name: 'b', logConfiguration: { logDriver: 'json-file', options: { 'max-size': '1m' } } },
    { name: 'c', logConfiguration: { logDriver: 'syslog' } },
  )
  assert.deepEqual(
    withLogDriverMode(some, 'non-blocking').containerDefinitions.map(one => one.logConfiguration?.options),
    [undefined, { 'max-size': '1m', mode: 'non-blocking' }, { mode: 'non-blocking' }],
  )
})
