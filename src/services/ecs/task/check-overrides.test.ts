import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RunTaskRequest, TaskOverride } from '@aws-sdk/client-ecs'
import { tasks } from '../../../store/tables.ts'
import { runTask } from './run-task.ts'
import { ON_FARGATE, REFUSED, SIZED, testWorkloads } from './test-workloads.ts'

test('overrides change what is taken, and are answered', async () => {
  const { call, join, store } = await testWorkloads()
  await join()
  const override = { name: 'app', command: ['sh'], environment: [{ name: 'A', value: '1' }], cpu: 256, memory: 128 }
  const { tasks: [task] = [] } = await call(runTask, {
    taskDefinition: 'web',
    overrides: { containerOverrides: [override] },
  })
  assert.deepEqual(task?.overrides?.containerOverrides, [override])
  const row = store.get(tasks, task?.taskArn ?? '')
  assert.deepEqual([row?.reservation.cpu, row?.reservation.memory], [256, 128])
})

test('a task of another size than its definition, in any words, and with an execution role', async () => {
  const { call, define, join } = await testWorkloads()
  await define(SIZED)
  await join({ fargate: true, memory: 4096 })
  const { tasks: [task] = [] } = await call(runTask, {
    ...ON_FARGATE,
    overrides: {
      cpu: '.5 vCPU',
      memory: '1 GB',
      ephemeralStorage: { sizeInGiB: 40 },
      executionRoleArn: 'arn:aws:iam::123456789012:role/a',
    },
  })
  assert.deepEqual([task?.cpu, task?.memory, task?.ephemeralStorage], ['512', '1024', { sizeInGiB: 40 }])
  assert.deepEqual([task?.overrides?.cpu, task?.overrides?.memory], ['512', '1024'])
})

describe('RunTask refuses', () => {
  const web = { taskDefinition: 'web' }
  const override = (more: object) => ({ ...web, overrides: { containerOverrides: [{ name: 'app', ...more }] } })
  const onFargate = (overrides: TaskOverride): RunTaskRequest => ({ ...ON_FARGATE, overrides })
  const table: readonly (readonly [name: string, input: RunTaskRequest, code: string, message: string | RegExp])[] = [
    [
      'an override of an unknown container',
      { ...web, overrides: { containerOverrides: [{ name: 'x' }] } },
      REFUSED,
      'Override for container named x is not a container in the TaskDefinition.',
    ],
    [
      'environment files',
      override({ environmentFiles: [{ value: 'a', type: 's3' }] }),
      'UnsupportedFeatureException',
      /environmentFiles/,
    ],
    ...['0', 'ALL', ''].map(
      value =>
        [
          `GPUs: '${value}'`,
          override({ resourceRequirements: [{ type: 'GPU', value }] }),
          REFUSED,
          "Invalid 'resourceRequirements' setting for container 'app'.",
        ] as const,
    ),
    [
      'GPUs on Fargate',
      onFargate({ containerOverrides: [{ name: 'app', resourceRequirements: [{ type: 'GPU', value: '1' }] }] }),
      REFUSED,
      /GPU/,
    ],
    [
      'a role override',
      { ...web, overrides: { taskRoleArn: 'arn:aws:iam::123456789012:role/a' } },
      'UnsupportedFeatureException',
      /taskRoleArn/,
    ],
    [
      'ephemeral storage elsewhere than on Fargate',
      { ...web, overrides: { ephemeralStorage: { sizeInGiB: 30 } } },
      REFUSED,
      'Ephemeral storage is only supported for tasks on Fargate.',
    ],
    ['too little ephemeral storage', onFargate({ ephemeralStorage: { sizeInGiB: 20 } }), REFUSED, /ephemeralStorage/],
    [
      'a size that Fargate does not have',
      onFargate({ memory: '4 GB' }),
      REFUSED,
      'No Fargate configuration exists for given values.',
    ],
    [
      'a task smaller than its containers',
      { ...web, overrides: { memory: '32' } },
      REFUSED,
      "The sum of all container 'memory' values cannot be greater than the value of the task 'memory'.",
    ],
    [
      'a container bigger than its task',
      onFargate({ containerOverrides: [{ name: 'app', cpu: 257 }] }),
      REFUSED,
      "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
    ],
    ['negative cpu', override({ cpu: -1 }), REFUSED, "Invalid 'cpu' setting for container 'app'."],
    ['memory of 1', override({ memory: 1 }), REFUSED, "Invalid 'memory' setting for container 'app'."],
    ['more reserved than allowed', override({ memoryReservation: 65 }), REFUSED, /memory/],
    ['large overrides', override({ command: ['a'.repeat(8192)] }), REFUSED, /8192/],
    ['task cpu that is no number', { ...web, overrides: { cpu: 'many' } }, REFUSED, /cpu/],
  ]
  for (const [name, input, code, message] of table)
    test(name, async () => {
      const { call, join, define, store } = await testWorkloads()
      await define(SIZED)
      await join({ fargate: true })
      await assert.rejects(call(runTask, input), { code, message })
      assert.equal(store.size(tasks), 0)
    })
})
