import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeContainerInstances } from '../container-instance/describe-container-instances.ts'
import { runTask } from './run-task.ts'
import { ARN, testWorkloads } from './test-workloads.ts'

const gpus = (value: string) => ({ memory: 8, resourceRequirements: [{ type: 'GPU' as const, value }] })

test('tasks with GPUs go where there are enough, each with its own, and where there are none the reason is said', async () => {
  const { call, define, join, report } = await testWorkloads()
  const plain = await join()
  const containerDefinitions = [
    { name: 'one', image: 'fake/run', ...gpus('1') },
    { name: 'two', image: 'fake/run', ...gpus('1') },
    { name: 'none', image: 'fake/run', memory: 8 },
  ]
  await define({ family: 'gpu', containerDefinitions })
  const run = () => call(runTask, { taskDefinition: 'gpu' })
  const refused = await run()
  assert.deepEqual(refused.failures, [{ arn: plain, reason: 'RESOURCE:GPU', detail: '2 GPUs are needed, 0 are left' }])

  const able = await join({ gpus: ['GPU-a', 'GPU-b', 'GPU-c'] })
  const resourceOf = async (kind: 'registeredResources' | 'remainingResources', arn: string) => {
    const { containerInstances: [instance] = [] } = await call(describeContainerInstances, {
      containerInstances: [arn],
    })
    return instance?.[kind]?.find(({ name }) => name === 'GPU')?.stringSetValue
  }
  const { tasks: [task] = [] } = await run()
  assert.equal(task?.containerInstanceArn, able)
  assert.deepEqual(
    task?.containers?.map(({ gpuIds }) => gpuIds),
    [['GPU-a'], ['GPU-b'], undefined],
  )
  assert.deepEqual(await resourceOf('registeredResources', able), ['GPU-a', 'GPU-b', 'GPU-c'])
  assert.deepEqual(await resourceOf('remainingResources', able), ['GPU-c'])
  assert.equal(await resourceOf('registeredResources', plain), undefined)
  assert.equal((await run()).failures?.length, 2)

  await report({ cluster: `${ARN}:cluster/default`, task: task?.taskArn, status: 'STOPPED' })
  assert.deepEqual(await resourceOf('remainingResources', able), ['GPU-a', 'GPU-b', 'GPU-c'])
  assert.equal((await run()).failures?.length, 0)
})

test('an override gives a container more GPUs than its definition, or any', async () => {
  const { call, define, join } = await testWorkloads()
  await join({ gpus: ['GPU-a', 'GPU-b', 'GPU-c'] })
  const containerDefinitions = [
    { name: 'one', image: 'fake/run', ...gpus('1') },
    { name: 'none', image: 'fake/run', memory: 8 },
  ]
  await define({ family: 'gpu', containerDefinitions })
  const containerOverrides = [
    { name: 'one', resourceRequirements: gpus('2').resourceRequirements },
    { name: 'none', resourceRequirements: gpus('1').resourceRequirements },
  ]
  const { tasks: [task] = [] } = await call(runTask, { taskDefinition: 'gpu', overrides: { containerOverrides } })
  assert.deepEqual(
    task?.containers?.map(({ gpuIds }) => gpuIds),
    [['GPU-a', 'GPU-b'], ['GPU-c']],
  )
})
