// Container instances, their attributes, and what only agents call.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, missing, NO_CLUSTER, refuses } from './case.ts'
import { joinSilently } from './world.ts'

const INVALID = 'InvalidParameterException'
const NOT_FOUND = 'ClusterNotFoundException'
const containerInstance = '0'.repeat(32)
const containerInstances = [containerInstance]
const none = { cluster: 'none' }
const NO_INSTANCE = 'The referenced container instance was not found.'

export const containerInstanceCases = [
  answers(
    'RegisterContainerInstance',
    { cluster: 'joined', totalResources: [{ name: 'CPU', type: 'INTEGER', integerValue: 512 }] },
    { containerInstance: { status: 'ACTIVE', agentConnected: false } },
  ),
  refuses('RegisterContainerInstance', NOT_FOUND, NO_CLUSTER, none),
  refuses('RegisterContainerInstance', INVALID, "Resource PORTS has 'ssh', which is no port.", {
    totalResources: [{ name: 'PORTS', type: 'STRINGSET', stringSetValue: ['ssh'] }],
  }),

  answers(
    'DescribeContainerInstances',
    w => ({ containerInstances: [w.instances[0], containerInstance] }),
    w => ({
      containerInstances: [{ containerInstanceArn: w.instances[0], status: 'ACTIVE', agentConnected: true }],
      failures: [{ arn: w.arn(`container-instance/default/${containerInstance}`), reason: 'MISSING' }],
    }),
  ),
  refuses('DescribeContainerInstances', NOT_FOUND, NO_CLUSTER, { ...none, containerInstances }),
  refuses('DescribeContainerInstances', INVALID, 'Container instances cannot be empty.', { containerInstances: [] }),

  answers('ListContainerInstances', { filter: 'agentConnected == true' }, w => ({
    containerInstanceArns: [...w.instances].sort(),
  })),
  refuses('ListContainerInstances', NOT_FOUND, NO_CLUSTER, none),
  refuses('ListContainerInstances', INVALID, 'maxResults must be from 1 to 100.', { maxResults: 0 }),

  answers(
    'UpdateContainerInstancesState',
    w => ({ containerInstances: [w.instances[0]], status: 'ACTIVE' as const }),
    w => ({
      containerInstances: [{ containerInstanceArn: w.instances[0], status: 'ACTIVE' }],
      failures: [],
    }),
  ),
  refuses('UpdateContainerInstancesState', NOT_FOUND, NO_CLUSTER, { ...none, containerInstances, status: 'DRAINING' }),
  refuses(
    'UpdateContainerInstancesState',
    INVALID,
    'The container instance status must be ACTIVE or DRAINING, not REGISTERING.',
    { containerInstances, status: 'REGISTERING' },
  ),

  refuses('UpdateContainerAgent', NOT_FOUND, NO_CLUSTER, { ...none, containerInstance }),
  refuses('UpdateContainerAgent', INVALID, NO_INSTANCE, { containerInstance }),
  refuses(
    'UpdateContainerAgent',
    'MissingVersionException',
    'The current version of the container agent on the container instance is not known.',
    w => ({ cluster: 'joined', containerInstance: w.silent }),
  ),
  refuses(
    'UpdateContainerAgent',
    'NoUpdateAvailableException',
    async w => {
      const { containerInstances: [found] = [] } = await w.client.send(
        new ecs.DescribeContainerInstancesCommand({ containerInstances: [w.instances[0]] }),
      )
      return `There is no update available for the container agent ${found?.versionInfo?.agentVersion}: update it on its host.`
    },
    w => ({ containerInstance: w.instances[0] }),
  ),

  answers(
    'DeregisterContainerInstance',
    async w => ({ cluster: 'joined', containerInstance: await joinSilently(w.client, 'joined') }),
    { containerInstance: { status: 'INACTIVE' } },
  ),
  refuses('DeregisterContainerInstance', NOT_FOUND, NO_CLUSTER, { ...none, containerInstance }),
  refuses('DeregisterContainerInstance', INVALID, NO_INSTANCE, { containerInstance }),
  refuses('DeregisterContainerInstance', INVALID, 'Found running tasks on the instance.', async w => {
    const { tasks: [task] = [] } = await w.client.send(new ecs.DescribeTasksCommand({ tasks: [w.task] }))
    return { containerInstance: task?.containerInstanceArn }
  }),
]

const stack = { name: 'stack', targetId: containerInstance, targetType: 'container-instance' } as const
const NO_TARGET = "The specified target wasn't found."
const targetType = 'container-instance'

export const attributeCases = [
  answers(
    'PutAttributes',
    w => ({ attributes: [{ name: 'stack', value: 'prod', targetId: w.instances[0] }] }),
    w => ({
      attributes: [{ name: 'stack', value: 'prod', targetId: w.instances[0] }],
    }),
  ),
  refuses('PutAttributes', NOT_FOUND, NO_CLUSTER, { ...none, attributes: [stack] }),
  refuses('PutAttributes', 'TargetNotFoundException', NO_TARGET, { attributes: [stack] }),
  refuses('PutAttributes', INVALID, 'Attributes cannot be empty.', { attributes: [] }),
  refuses(
    'PutAttributes',
    'AttributeLimitExceededException',
    'You can apply up to 10 custom attributes for each resource.',
    async w => {
      const of = (name: string) => ({ name, targetId: w.silent })
      const attributes = Array.from({ length: 10 }, (_, at) => of(`n${at}`))
      await w.client.send(new ecs.PutAttributesCommand({ cluster: 'joined', attributes }))
      return { cluster: 'joined', attributes: [of('one-more')] }
    },
  ),

  answers('ListAttributes', { targetType, attributeName: 'stack' }, w => ({
    attributes: [{ name: 'stack', value: 'prod', targetId: w.instances[0] }],
  })),
  refuses('ListAttributes', NOT_FOUND, NO_CLUSTER, { ...none, targetType }),
  refuses('ListAttributes', INVALID, 'An attribute name must be specified to filter by attribute value.', {
    targetType,
    attributeValue: 'prod',
  }),
  refuses('ListAttributes', INVALID, missing('targetType'), {}),

  answers(
    'DeleteAttributes',
    w => ({ attributes: [{ name: 'stack', targetId: w.instances[0] }] }),
    w => ({
      attributes: [{ name: 'stack', value: 'prod', targetId: w.instances[0] }],
    }),
  ),
  refuses('DeleteAttributes', NOT_FOUND, NO_CLUSTER, { ...none, attributes: [stack] }),
  refuses('DeleteAttributes', 'TargetNotFoundException', NO_TARGET, { attributes: [stack] }),
  refuses('DeleteAttributes', INVALID, "The value of attribute 'stack' should not be specified to delete it.", {
    attributes: [{ ...stack, value: 'prod' }],
  }),
]

const NO_STATUS = "Invalid status 'DANCING': it must be PENDING, RUNNING or STOPPED."
const ACK = { acknowledgment: 'ACK' }

export const agentCases = [
  answers(
    'DiscoverPollEndpoint',
    w => ({ containerInstance: w.instances[0] }),
    w => ({
      endpoint: `${w.stowage.endpoint}/acs`,
      telemetryEndpoint: `${w.stowage.endpoint}/tcs`,
    }),
  ),
  refuses('DiscoverPollEndpoint', INVALID, 'Invalid identifier: arn:of:nothing', { cluster: 'arn:of:nothing' }),

  answers('SubmitTaskStateChange', w => ({ cluster: 'default', task: w.task, status: 'RUNNING' }), ACK),
  refuses('SubmitTaskStateChange', NOT_FOUND, NO_CLUSTER, w => ({ ...none, task: w.task, status: 'RUNNING' })),
  refuses('SubmitTaskStateChange', INVALID, NO_STATUS, w => ({ task: w.task, status: 'DANCING' })),

  answers(
    'SubmitContainerStateChange',
    w => ({ cluster: 'default', task: w.task, containerName: 'main', status: 'RUNNING' }),
    ACK,
  ),
  refuses('SubmitContainerStateChange', NOT_FOUND, NO_CLUSTER, w => ({ ...none, task: w.task, status: 'RUNNING' })),
  refuses('SubmitContainerStateChange', INVALID, NO_STATUS, w => ({ task: w.task, status: 'DANCING' })),

  answers('SubmitAttachmentStateChanges', { attachments: [] }, ACK),
  refuses('SubmitAttachmentStateChanges', NOT_FOUND, NO_CLUSTER, { ...none, attachments: [] }),
  refuses('SubmitAttachmentStateChanges', INVALID, missing('attachments'), {}),
]
