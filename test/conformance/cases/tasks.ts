// Tasks and their protection.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, missing, NO_CLUSTER, NO_SERVICE, refuses } from './case.ts'
import { register } from './world.ts'

const INVALID = 'InvalidParameterException'
const NOT_FOUND = 'ClusterNotFoundException'
const UNSUPPORTED = 'UnsupportedFeatureException'
const none = { cluster: 'none' }
const absent = '0'.repeat(32)
const NO_DEFINITION = 'TaskDefinition not found.'

const SIZED: Partial<ecs.RegisterTaskDefinitionRequest> = {
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
}

/** How a task definition for Fargate is launched that does not say which platform version. */
export const onFargate = async (client: ecs.ECSClient, family: string) => {
  await register(client, family, SIZED)
  const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } }
  return { taskDefinition: family, launchType: 'FARGATE', networkConfiguration } as const
}

export const taskCases = [
  answers('RunTask', { taskDefinition: 'free', group: 'batch' }, w => ({
    tasks: [{ taskDefinitionArn: w.arn('task-definition/free:1'), group: 'batch', launchType: 'EC2' }],
    failures: [],
  })),
  refuses('RunTask', 'ClientException', NO_DEFINITION, { taskDefinition: 'none' }),
  refuses('RunTask', NOT_FOUND, NO_CLUSTER, { ...none, taskDefinition: 'free' }),
  refuses('RunTask', INVALID, 'TaskDefinition is inactive', { taskDefinition: 'retired:1' }),
  refuses('RunTask', INVALID, missing('taskDefinition'), {}),
  refuses('RunTask', UNSUPPORTED, "Stowage does not support 'volumeConfigurations' yet.", {
    taskDefinition: 'free',
    volumeConfigurations: [{ name: 'data' }],
  }),
  refuses('RunTask', 'PlatformUnknownException', 'The specified platform does not exist.', async w => ({
    ...(await onFargate(w.client, 'sized-task')),
    platformVersion: '99.0.0',
  })),
  refuses(
    'RunTask',
    'ConflictException',
    'The client token was used in an earlier request with other parameters.',
    async w => {
      const first = { taskDefinition: 'free', clientToken: 'once' }
      await w.client.send(new ecs.RunTaskCommand(first))
      return { ...first, count: 2 }
    },
  ),

  answers(
    'StartTask',
    w => ({ taskDefinition: 'free', containerInstances: [w.instances[1]] }),
    w => ({
      tasks: [{ containerInstanceArn: w.instances[1], desiredStatus: 'RUNNING' }],
      failures: [],
    }),
  ),
  refuses('StartTask', 'ClientException', NO_DEFINITION, { taskDefinition: 'none', containerInstances: [absent] }),
  refuses('StartTask', NOT_FOUND, NO_CLUSTER, { ...none, taskDefinition: 'free', containerInstances: [absent] }),
  refuses('StartTask', INVALID, 'Container instances cannot be empty.', {
    taskDefinition: 'free',
    containerInstances: [],
  }),
  refuses('StartTask', UNSUPPORTED, "Stowage does not support 'enableExecuteCommand' yet.", {
    taskDefinition: 'free',
    containerInstances: [absent],
    enableExecuteCommand: true,
  }),

  answers(
    'DescribeTasks',
    w => ({ tasks: [w.task, absent] }),
    w => ({
      tasks: [{ taskArn: w.task, lastStatus: 'RUNNING', group: 'service:web' }],
      failures: [{ arn: w.arn(`task/default/${absent}`), reason: 'MISSING' }],
    }),
  ),
  refuses('DescribeTasks', NOT_FOUND, NO_CLUSTER, { ...none, tasks: [absent] }),
  refuses('DescribeTasks', INVALID, 'Tasks cannot be empty.', { tasks: [] }),

  answers('ListTasks', { serviceName: 'web' }, w => ({ taskArns: [w.task] })),
  refuses('ListTasks', NOT_FOUND, NO_CLUSTER, none),
  refuses('ListTasks', 'ServiceNotFoundException', NO_SERVICE, { serviceName: 'none' }),
  refuses('ListTasks', INVALID, 'startedBy must be the only filter.', { startedBy: 'a', family: 'b' }),

  answers(
    'StopTask',
    async w => {
      const { tasks: [task] = [] } = await w.client.send(new ecs.RunTaskCommand({ taskDefinition: 'free' }))
      return { task: task?.taskArn, reason: 'enough' }
    },
    { task: { desiredStatus: 'STOPPED', stoppedReason: 'enough', stopCode: 'UserInitiated' } },
  ),
  refuses('StopTask', NOT_FOUND, NO_CLUSTER, { ...none, task: absent }),
  refuses('StopTask', INVALID, 'The referenced task was not found.', { task: absent }),
  refuses('StopTask', INVALID, 'Task Identifier is invalid', { task: 'a b' }),
]

const protectionEnabled = true

export const protectionCases = [
  answers(
    'UpdateTaskProtection',
    w => ({ cluster: 'default', tasks: [w.task, absent], protectionEnabled }),
    w => ({
      protectedTasks: [{ taskArn: w.task, protectionEnabled }],
      failures: [{ arn: w.arn(`task/default/${absent}`), reason: 'MISSING' }],
    }),
  ),
  refuses('UpdateTaskProtection', NOT_FOUND, NO_CLUSTER, { ...none, tasks: [absent], protectionEnabled }),
  refuses('UpdateTaskProtection', INVALID, 'expiresInMinutes must be from 1 to 2880.', {
    cluster: 'default',
    tasks: [absent],
    protectionEnabled,
    expiresInMinutes: 0,
  }),

  answers(
    'GetTaskProtection',
    w => ({ cluster: 'default', tasks: [w.task] }),
    w => ({
      protectedTasks: [{ taskArn: w.task, protectionEnabled }],
      failures: [],
    }),
  ),
  refuses('GetTaskProtection', NOT_FOUND, NO_CLUSTER, { ...none, tasks: [absent] }),
  refuses('GetTaskProtection', INVALID, missing('cluster'), { tasks: [absent] }),
]
