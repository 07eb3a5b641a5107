// Task sets of services whose deployments somebody else controls.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, missing, NO_CLUSTER, NO_SERVICE, refuses } from './case.ts'
import { onFargate } from './tasks.ts'
import type { World } from './world.ts'

const INVALID = 'InvalidParameterException'
const NOT_FOUND = 'ClusterNotFoundException'
const NO_SUCH_SERVICE = 'ServiceNotFoundException'
const NOT_ACTIVE = 'ServiceNotActiveException'
const WAS_NOT_ACTIVE = 'Service was not ACTIVE.'
const NO_SUCH_SET = 'TaskSetNotFoundException'
const NO_SET = 'The specified task set does not exist.'
const OTHER_CONTROLLER = 'Task sets are only supported for services with the EXTERNAL deployment controller.'

const sets = { cluster: 'default', service: 'sets' }
const noCluster = { cluster: 'none', service: 'sets' }
const noService = { cluster: 'default', service: 'none' }
const over = { cluster: 'default', service: 'sets-over' }
const web = { cluster: 'default', service: 'web' }
const taskDefinition = 'free'
const absent = 'ecs-svc/1'
const scale = { value: 50, unit: 'PERCENT' } as const

const another = async (w: World): Promise<string> => {
  const { taskSet } = await w.client.send(new ecs.CreateTaskSetCommand({ ...sets, taskDefinition }))
  return taskSet?.id ?? ''
}

export const taskSetCases = [
  answers('CreateTaskSet', { ...sets, taskDefinition, scale, externalId: 'green' }, w => ({
    taskSet: { externalId: 'green', status: 'ACTIVE', scale, serviceArn: w.arn('service/default/sets') },
  })),
  refuses('CreateTaskSet', 'ClientException', 'TaskDefinition not found.', { ...sets, taskDefinition: 'none' }),
  refuses('CreateTaskSet', NOT_FOUND, NO_CLUSTER, { ...noCluster, taskDefinition }),
  refuses('CreateTaskSet', NO_SUCH_SERVICE, NO_SERVICE, { ...noService, taskDefinition }),
  refuses('CreateTaskSet', NOT_ACTIVE, WAS_NOT_ACTIVE, { ...over, taskDefinition }),
  refuses('CreateTaskSet', INVALID, OTHER_CONTROLLER, { ...web, taskDefinition }),
  refuses('CreateTaskSet', 'UnsupportedFeatureException', "Stowage does not support 'serviceRegistries' yet.", {
    ...sets,
    taskDefinition,
    serviceRegistries: [{ registryArn: 'registry' }],
  }),
  refuses('CreateTaskSet', 'PlatformUnknownException', 'The specified platform does not exist.', async w => ({
    ...sets,
    ...(await onFargate(w.client, 'sized-set')),
    platformVersion: '0.1.0',
  })),
  refuses('CreateTaskSet', 'LimitExceededException', 'A service can have at most 20 task sets.', async w => {
    const full = { cluster: 'default', service: 'sets-full' }
    const deploymentController = { type: 'EXTERNAL' } as const
    await w.client.send(
      new ecs.CreateServiceCommand({ serviceName: 'sets-full', desiredCount: 0, deploymentController }),
    )
    for (let made = 0; made < 20; made++) await w.client.send(new ecs.CreateTaskSetCommand({ ...full, taskDefinition }))
    return { ...full, taskDefinition }
  }),

  answers(
    'DescribeTaskSets',
    w => ({ ...sets, taskSets: [w.taskSet, absent] }),
    w => ({
      taskSets: [{ taskSetArn: w.taskSet, status: 'ACTIVE' }],
      failures: [{ arn: w.arn(`task-set/default/sets/${absent}`), reason: 'MISSING' }],
    }),
  ),
  refuses('DescribeTaskSets', NOT_FOUND, NO_CLUSTER, noCluster),
  refuses('DescribeTaskSets', NO_SUCH_SERVICE, NO_SERVICE, noService),
  refuses('DescribeTaskSets', NOT_ACTIVE, WAS_NOT_ACTIVE, over),
  refuses('DescribeTaskSets', INVALID, OTHER_CONTROLLER, web),

  answers('UpdateTaskSet', w => ({ ...sets, taskSet: w.taskSet, scale }), { taskSet: { scale } }),
  refuses('UpdateTaskSet', NOT_FOUND, NO_CLUSTER, { ...noCluster, taskSet: absent, scale }),
  refuses('UpdateTaskSet', NO_SUCH_SERVICE, NO_SERVICE, { ...noService, taskSet: absent, scale }),
  refuses('UpdateTaskSet', NOT_ACTIVE, WAS_NOT_ACTIVE, { ...over, taskSet: absent, scale }),
  refuses('UpdateTaskSet', NO_SUCH_SET, NO_SET, { ...sets, taskSet: absent, scale }),
  refuses('UpdateTaskSet', INVALID, 'The scale of a task set must be from 0 to 100 percent.', w => ({
    ...sets,
    taskSet: w.taskSet,
    scale: { ...scale, value: 101 },
  })),

  answers('UpdateServicePrimaryTaskSet', async w => ({ ...sets, primaryTaskSet: await another(w) }), {
    taskSet: { status: 'PRIMARY' },
  }),
  refuses('UpdateServicePrimaryTaskSet', NOT_FOUND, NO_CLUSTER, { ...noCluster, primaryTaskSet: absent }),
  refuses('UpdateServicePrimaryTaskSet', NO_SUCH_SERVICE, NO_SERVICE, { ...noService, primaryTaskSet: absent }),
  refuses('UpdateServicePrimaryTaskSet', NOT_ACTIVE, WAS_NOT_ACTIVE, { ...over, primaryTaskSet: absent }),
  refuses('UpdateServicePrimaryTaskSet', NO_SUCH_SET, NO_SET, { ...sets, primaryTaskSet: absent }),
  refuses('UpdateServicePrimaryTaskSet', INVALID, missing('primaryTaskSet'), sets),

  answers('DeleteTaskSet', async w => ({ ...sets, taskSet: await another(w), force: true }), {
    taskSet: { status: 'DRAINING' },
  }),
  refuses('DeleteTaskSet', NOT_FOUND, NO_CLUSTER, { ...noCluster, taskSet: absent }),
  refuses('DeleteTaskSet', NO_SUCH_SERVICE, NO_SERVICE, { ...noService, taskSet: absent }),
  refuses('DeleteTaskSet', NOT_ACTIVE, WAS_NOT_ACTIVE, { ...over, taskSet: absent }),
  refuses('DeleteTaskSet', NO_SUCH_SET, NO_SET, { ...sets, taskSet: absent }),
  refuses(
    'DeleteTaskSet',
    INVALID,
    'The task set cannot be deleted while it is scaled above 0. Specify force to delete it.',
    w => ({ ...sets, taskSet: w.taskSet }),
  ),
]
