// Documented errors that no row provokes, each with its reason: everything else that an implemented operation documents has a
// row. An entry that has a row after all, or that is of no implemented operation, fails ../every-operation.test.ts.

export type Unprovoked = {
  readonly error: string
  /** Of every operation that documents it, or of these. */
  readonly operations: 'every' | readonly string[]
  readonly why: string
}

/** Operations that never succeed here. */
export const NEVER_SUCCEED: Readonly<Record<string, string>> = {
  ListServicesByNamespace: 'there is no Service Connect, and so no namespace that has services',
  UpdateContainerAgent: 'agents are updated on their hosts: there is never an update to give',
}

const SERVICE_CONNECT = 'a namespace is only looked for where Service Connect is enabled, which is refused by name'
const ON_THE_SPOT = 'nothing that this operation waits for takes time here: every change is done when it is answered'
const NO_MANAGED_INSTANCES = 'of capacity providers that belong to one cluster, which is refused by name'

export const UNPROVOKED: readonly Unprovoked[] = [
  {
    error: 'ServerException',
    operations: 'every',
    why: 'an internal failure, which nobody can ask for; src/aws/gateway.test.ts has one',
  },
  { error: 'AccessDeniedException', operations: 'every', why: 'every caller is the root user until there is IAM' },
  {
    error: 'ClientException',
    operations: [
      ...['CreateCluster', 'DeleteCluster', 'DescribeClusters', 'ListClusters', 'PutClusterCapacityProviders'],
      ...['UpdateCluster', 'UpdateClusterSettings', 'DescribeCapacityProviders'],
      ...['DeleteAccountSetting', 'ListAccountSettings', 'PutAccountSetting', 'PutAccountSettingDefault'],
      ...['DeleteAttributes', 'ListAttributes', 'PutAttributes'],
      ...['ListTagsForResource', 'TagResource', 'UntagResource'],
      ...['ListTaskDefinitions', 'ListTaskDefinitionFamilies'],
      ...[
        'DiscoverPollEndpoint',
        'SubmitAttachmentStateChanges',
        'SubmitContainerStateChange',
        'SubmitTaskStateChange',
      ],
      ...['DeregisterContainerInstance', 'DescribeContainerInstances', 'ListContainerInstances'],
      ...['RegisterContainerInstance', 'UpdateContainerAgent', 'UpdateContainerInstancesState'],
      ...['DescribeTasks', 'ListTasks', 'StopTask', 'GetTaskProtection', 'UpdateTaskProtection'],
      ...['DeleteService', 'DescribeServices', 'ListServices', 'ListServicesByNamespace'],
      ...['DescribeServiceDeployments', 'DescribeServiceRevisions', 'ListServiceDeployments', 'StopServiceDeployment'],
      'ContinueServiceDeployment',
      ...['DeleteDaemon', 'DescribeDaemon', 'DescribeDaemonDeployments', 'DescribeDaemonRevisions'],
      ...['ListDaemonDeployments', 'ListDaemonTaskDefinitions', 'ListDaemons'],
      ...['DeleteTaskSet', 'DescribeTaskSets', 'UpdateServicePrimaryTaskSet', 'UpdateTaskSet'],
    ],
    why: 'documented for every operation alike; what is wrong with a request of these is told by a more specific error',
  },
  {
    error: 'UnsupportedFeatureException',
    operations: [
      ...['DescribeCapacityProviders', 'DescribeServiceDeployments', 'DescribeServiceRevisions', 'DescribeTaskSets'],
      ...[
        'ContinueServiceDeployment',
        'ListServiceDeployments',
        'StopServiceDeployment',
        'GetTaskProtection',
        'UpdateTaskProtection',
      ],
      ...['DeleteTaskSet', 'UpdateServicePrimaryTaskSet', 'UpdateTaskSet'],
      ...['DeleteDaemon', 'DescribeDaemon', 'DescribeDaemonDeployments', 'DescribeDaemonRevisions'],
      ...['ListDaemonDeployments', 'ListDaemons'],
    ],
    why: 'for regions without the feature: here every region has it, and no field of the request is refused',
  },
  {
    error: 'NamespaceNotFoundException',
    operations: ['CreateCluster', 'CreateService', 'CreateTaskSet', 'StartTask', 'UpdateCluster', 'UpdateService'],
    why: SERVICE_CONNECT,
  },
  {
    error: 'UpdateInProgressException',
    operations: 'every',
    why: ON_THE_SPOT,
  },
  {
    error: 'PlatformTaskDefinitionIncompatibilityException',
    operations: 'every',
    why: 'there is one platform version, and it runs whatever Fargate takes',
  },
  {
    error: 'DaemonNotActiveException',
    operations: 'every',
    why: 'of a daemon that is being deleted, for as long as its tasks stop; src/services/ecs/daemon/daemon.test.ts stops the time',
  },
  {
    error: 'PlatformUnknownException',
    operations: ['CreateDaemon', 'UpdateDaemon'],
    why: 'daemons run on instances of their own: no request names a platform',
  },
  {
    error: 'InvalidParameterException',
    operations: ['RegisterDaemonTaskDefinition'],
    why: 'what is wrong with a definition is a ClientException, as it is of task definitions',
  },
  {
    error: 'ClusterNotFoundException',
    operations: ['DescribeDaemonDeployments', 'DescribeDaemonRevisions'],
    why: 'what is not there is among the failures, as MISSING',
  },
  { error: 'BlockedException', operations: 'every', why: 'nobody blocks an account on machines of its own' },
  {
    error: 'ClusterNotFoundException',
    operations: ['CreateCapacityProvider', 'DeleteCapacityProvider', 'UpdateCapacityProvider'],
    why: NO_MANAGED_INSTANCES,
  },
  { error: 'ClusterContainsCapacityProviderException', operations: 'every', why: NO_MANAGED_INSTANCES },
  {
    error: 'ResourceNotFoundException',
    operations: ['GetTaskProtection', 'UpdateTaskProtection'],
    why: 'a task that is not there is among the failures, as MISSING',
  },
  {
    error: 'LimitExceededException',
    operations: ['CreateCapacityProvider', 'DeleteTaskSet', 'UpdateTaskSet'],
    why: 'there is no limit that such a request could pass',
  },
  {
    error: 'LimitExceededException',
    operations: ['RegisterTaskDefinition', 'RegisterDaemonTaskDefinition'],
    why: 'it takes a million revisions; src/services/ecs/task-definition/register-task-definition.test.ts pretends them',
  },
]
