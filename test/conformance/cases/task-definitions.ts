// Task definitions.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, refuses } from './case.ts'
import { register, TASK_SIZE } from './world.ts'

const INVALID = 'InvalidParameterException'
const CLIENT = 'ClientException'
const container = { name: 'main', image: 'fake/run', ...TASK_SIZE }
const BAD_REVISION = 'Invalid revision number.'
const DOES_NOT_EXIST =
  'The specified task definition does not exist. Specify a valid account, family, revision and try again.'

export const taskDefinitionCases = [
  answers('RegisterTaskDefinition', { family: 'defined', containerDefinitions: [container] }, w => ({
    taskDefinition: {
      taskDefinitionArn: w.arn('task-definition/defined:1'),
      status: 'ACTIVE',
      containerDefinitions: [{ name: 'main', essential: true, portMappings: [], environment: [] }],
    },
  })),
  refuses('RegisterTaskDefinition', CLIENT, 'Container list cannot be empty.', {
    family: 'a',
    containerDefinitions: [],
  }),
  refuses('RegisterTaskDefinition', CLIENT, 'Family can not be blank.', { containerDefinitions: [container] }),
  refuses('RegisterTaskDefinition', INVALID, "Tag key 'aws:a' uses the prefix 'aws:', which is reserved.", {
    family: 'a',
    containerDefinitions: [container],
    tags: [{ key: 'aws:a', value: 'b' }],
  }),

  answers(
    'DescribeTaskDefinition',
    { taskDefinition: 'free' },
    { taskDefinition: { family: 'free', status: 'ACTIVE' } },
  ),
  refuses('DescribeTaskDefinition', CLIENT, 'Unable to describe task definition.', { taskDefinition: 'none' }),
  refuses('DescribeTaskDefinition', INVALID, BAD_REVISION, { taskDefinition: 'free:latest' }),

  answers('ListTaskDefinitions', { familyPrefix: 'retired', status: 'INACTIVE' }, w => ({
    taskDefinitionArns: [w.arn('task-definition/retired:1')],
  })),
  refuses('ListTaskDefinitions', INVALID, 'Invalid token.', { nextToken: 'made up' }),

  answers('ListTaskDefinitionFamilies', { familyPrefix: 'fre' }, { families: ['free'] }),
  refuses('ListTaskDefinitionFamilies', INVALID, 'maxResults must be from 1 to 100.', { maxResults: 101 }),

  answers(
    'DeregisterTaskDefinition',
    async w => {
      await register(w.client, 'leaving')
      return { taskDefinition: 'leaving:1' }
    },
    { taskDefinition: { family: 'leaving', status: 'INACTIVE' } },
  ),
  refuses('DeregisterTaskDefinition', CLIENT, DOES_NOT_EXIST, { taskDefinition: 'free:99' }),
  refuses('DeregisterTaskDefinition', INVALID, BAD_REVISION, { taskDefinition: 'free:0' }),

  answers(
    'DeleteTaskDefinitions',
    async w => {
      await register(w.client, 'gone')
      await w.client.send(new ecs.DeregisterTaskDefinitionCommand({ taskDefinition: 'gone:1' }))
      return { taskDefinitions: ['gone:1', 'none:1'] }
    },
    {
      taskDefinitions: [{ family: 'gone', status: 'DELETE_IN_PROGRESS' }],
      failures: [{ arn: 'none:1', reason: 'MISSING' }],
    },
  ),
  refuses('DeleteTaskDefinitions', CLIENT, "Task definition 'free' must name a revision.", {
    taskDefinitions: ['free'],
  }),
  refuses('DeleteTaskDefinitions', INVALID, BAD_REVISION, { taskDefinitions: ['free:x'] }),
]
