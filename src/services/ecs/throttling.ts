// How often each kind of ECS operation may be called, in an account and region: AWS's buckets. Operations that it does not
// list have none. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
import type { ThrottleBucket } from '../../aws/operation.ts'

/**
 * Agents' reports have no bucket here, where AWS gives an account 120 a second: refused ones come again after seconds, so that a
 * thousand tasks that start at once would seem to take a minute. They make way for everybody else's calls instead.
 */
export const AGENT_REPORTS: readonly string[] = [
  'SubmitTaskStateChange',
  'SubmitContainerStateChange',
  'SubmitAttachmentStateChanges',
]

const bucket = (burst: number, refillPerSecond: number, ...operations: readonly string[]): ThrottleBucket => ({
  burst,
  refillPerSecond,
  operations,
})

export const ECS_THROTTLING: readonly ThrottleBucket[] = [
  bucket(
    20,
    1,
    'CreateCluster',
    'DeleteCluster',
    'UpdateCluster',
    'UpdateClusterSettings',
    'PutClusterCapacityProviders',
  ),
  bucket(50, 20, 'DescribeClusters', 'ListClusters'),
  bucket(20, 1, 'RegisterTaskDefinition', 'DeregisterTaskDefinition'),
  bucket(50, 20, 'DescribeTaskDefinition', 'ListTaskDefinitions', 'ListTaskDefinitionFamilies'),
  bucket(5, 1, 'DeleteTaskDefinitions'),
  bucket(10, 1, 'CreateCapacityProvider', 'DeleteCapacityProvider', 'UpdateCapacityProvider'),
  bucket(50, 20, 'DescribeCapacityProviders'),
  bucket(20, 10, 'TagResource', 'UntagResource'),
  bucket(50, 20, 'ListTagsForResource'),
  bucket(10, 1, 'PutAccountSetting', 'PutAccountSettingDefault', 'DeleteAccountSetting'),
  bucket(50, 20, 'ListAccountSettings'),
  bucket(
    100,
    40,
    'RunTask',
    'StartTask',
    'StopTask',
    'ExecuteCommand',
    'PutAttributes',
    'DeleteAttributes',
    'DeregisterContainerInstance',
    'UpdateContainerAgent',
    'UpdateContainerInstancesState',
  ),
  bucket(
    100,
    20,
    'DescribeTasks',
    'ListTasks',
    'DescribeContainerInstances',
    'ListContainerInstances',
    'ListAttributes',
  ),
  bucket(200, 120, 'RegisterContainerInstance'),
  bucket(50, 5, 'CreateService', 'UpdateService', 'DeleteService'),
  bucket(100, 20, 'DescribeServices', 'ListServices'),
  bucket(50, 20, 'DescribeServiceDeployments', 'ListServiceDeployments'),
  bucket(50, 20, 'DescribeServiceRevisions'),
  bucket(200, 80, 'GetTaskProtection', 'UpdateTaskProtection'),
  // The rate at which these come back is not published; as that of the other changes to what a cluster runs.
  bucket(100, 40, 'CreateTaskSet', 'UpdateTaskSet', 'DeleteTaskSet', 'UpdateServicePrimaryTaskSet'),
  bucket(10, 1, 'ListServicesByNamespace'),
]
