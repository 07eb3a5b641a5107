// The ECS operations that are built, by name: the gateway's list and docs/coverage.md's.
import type { OperationTable } from '../../aws/operation.ts'
import { deleteAccountSetting } from './account-setting/delete-account-setting.ts'
import { listAccountSettings } from './account-setting/list-account-settings.ts'
import { putAccountSetting } from './account-setting/put-account-setting.ts'
import { putAccountSettingDefault } from './account-setting/put-account-setting-default.ts'
import { discoverPollEndpoint } from './agent/discover-poll-endpoint.ts'
import { submitAttachmentStateChanges } from './agent/submit-attachment-state-changes.ts'
import { submitContainerStateChange } from './agent/submit-container-state-change.ts'
import { submitTaskStateChange } from './agent/submit-task-state-change.ts'
import { deleteAttributes } from './attribute/delete-attributes.ts'
import { listAttributes } from './attribute/list-attributes.ts'
import { putAttributes } from './attribute/put-attributes.ts'
import { createCapacityProvider } from './capacity-provider/create-capacity-provider.ts'
import { deleteCapacityProvider } from './capacity-provider/delete-capacity-provider.ts'
import { describeCapacityProviders } from './capacity-provider/describe-capacity-providers.ts'
import { updateCapacityProvider } from './capacity-provider/update-capacity-provider.ts'
import { createCluster } from './cluster/create-cluster.ts'
import { deleteCluster } from './cluster/delete-cluster.ts'
import { describeClusters } from './cluster/describe-clusters.ts'
import { listClusters } from './cluster/list-clusters.ts'
import { putClusterCapacityProviders } from './cluster/put-cluster-capacity-providers.ts'
import { updateCluster } from './cluster/update-cluster.ts'
import { updateClusterSettings } from './cluster/update-cluster-settings.ts'
import { deregisterContainerInstance } from './container-instance/deregister-container-instance.ts'
import { describeContainerInstances } from './container-instance/describe-container-instances.ts'
import { listContainerInstances } from './container-instance/list-container-instances.ts'
import { registerContainerInstance } from './container-instance/register-container-instance.ts'
import { updateContainerAgent } from './container-instance/update-container-agent.ts'
import { updateContainerInstancesState } from './container-instance/update-container-instances-state.ts'
import type { EcsDependencies } from './context.ts'
import { createDaemon } from './daemon/create-daemon.ts'
import { deleteDaemon } from './daemon/delete-daemon.ts'
import { describeDaemon } from './daemon/describe-daemon.ts'
import { describeDaemonDeployments } from './daemon/describe-daemon-deployments.ts'
import { describeDaemonRevisions } from './daemon/describe-daemon-revisions.ts'
import { listDaemonDeployments } from './daemon/list-daemon-deployments.ts'
import { listDaemons } from './daemon/list-daemons.ts'
import { updateDaemon } from './daemon/update-daemon.ts'
import { deleteDaemonTaskDefinition } from './daemon-task-definition/delete-daemon-task-definition.ts'
import { describeDaemonTaskDefinition } from './daemon-task-definition/describe-daemon-task-definition.ts'
import { listDaemonTaskDefinitions } from './daemon-task-definition/list-daemon-task-definitions.ts'
import { registerDaemonTaskDefinition } from './daemon-task-definition/register-daemon-task-definition.ts'
import { continueServiceDeployment } from './service/continue-service-deployment.ts'
import { createService } from './service/create-service.ts'
import { deleteService } from './service/delete-service.ts'
import { describeServiceDeployments } from './service/describe-service-deployments.ts'
import { describeServiceRevisions } from './service/describe-service-revisions.ts'
import { describeServices } from './service/describe-services.ts'
import { listServiceDeployments } from './service/list-service-deployments.ts'
import { listServices } from './service/list-services.ts'
import { listServicesByNamespace } from './service/list-services-by-namespace.ts'
import { stopServiceDeployment } from './service/stop-service-deployment.ts'
import { updateService } from './service/update-service.ts'
import { listTagsForResource } from './tag/list-tags-for-resource.ts'
import { tagResource } from './tag/tag-resource.ts'
import { untagResource } from './tag/untag-resource.ts'
import { describeTasks } from './task/describe-tasks.ts'
import { listTasks } from './task/list-tasks.ts'
import { runTask } from './task/run-task.ts'
import { startTask } from './task/start-task.ts'
import { stopTask } from './task/stop-task.ts'
import { deleteTaskDefinitions } from './task-definition/delete-task-definitions.ts'
import { deregisterTaskDefinition } from './task-definition/deregister-task-definition.ts'
import { describeTaskDefinition } from './task-definition/describe-task-definition.ts'
import { listTaskDefinitionFamilies } from './task-definition/list-task-definition-families.ts'
import { listTaskDefinitions } from './task-definition/list-task-definitions.ts'
import { registerTaskDefinition } from './task-definition/register-task-definition.ts'
import { getTaskProtection } from './task-protection/get-task-protection.ts'
import { updateTaskProtection } from './task-protection/update-task-protection.ts'
import { createTaskSet } from './task-set/create-task-set.ts'
import { deleteTaskSet } from './task-set/delete-task-set.ts'
import { describeTaskSets } from './task-set/describe-task-sets.ts'
import { updateServicePrimaryTaskSet } from './task-set/update-service-primary-task-set.ts'
import { updateTaskSet } from './task-set/update-task-set.ts'

export const ecsOperations = (dependencies: EcsDependencies): OperationTable => ({
  DeleteAttributes: deleteAttributes(dependencies),
  ListAttributes: listAttributes(dependencies),
  PutAttributes: putAttributes(dependencies),
  CreateCluster: createCluster(dependencies),
  DeleteCluster: deleteCluster(dependencies),
  DescribeClusters: describeClusters(dependencies),
  ListClusters: listClusters(dependencies),
  PutClusterCapacityProviders: putClusterCapacityProviders(dependencies),
  UpdateCluster: updateCluster(dependencies),
  UpdateClusterSettings: updateClusterSettings(dependencies),
  DeleteAccountSetting: deleteAccountSetting(dependencies),
  ListAccountSettings: listAccountSettings(dependencies),
  PutAccountSetting: putAccountSetting(dependencies),
  PutAccountSettingDefault: putAccountSettingDefault(dependencies),
  CreateCapacityProvider: createCapacityProvider(dependencies),
  DeleteCapacityProvider: deleteCapacityProvider(dependencies),
  DescribeCapacityProviders: describeCapacityProviders(dependencies),
  UpdateCapacityProvider: updateCapacityProvider(dependencies),
  DeleteTaskDefinitions: deleteTaskDefinitions(dependencies),
  DeregisterTaskDefinition: deregisterTaskDefinition(dependencies),
  DescribeTaskDefinition: describeTaskDefinition(dependencies),
  ListTaskDefinitionFamilies: listTaskDefinitionFamilies(dependencies),
  ListTaskDefinitions: listTaskDefinitions(dependencies),
  RegisterTaskDefinition: registerTaskDefinition(dependencies),
  ListTagsForResource: listTagsForResource(dependencies),
  TagResource: tagResource(dependencies),
  UntagResource: untagResource(dependencies),
  DiscoverPollEndpoint: discoverPollEndpoint(dependencies),
  SubmitAttachmentStateChanges: submitAttachmentStateChanges(dependencies),
  SubmitContainerStateChange: submitContainerStateChange(dependencies),
  SubmitTaskStateChange: submitTaskStateChange(dependencies),
  DeregisterContainerInstance: deregisterContainerInstance(dependencies),
  DescribeContainerInstances: describeContainerInstances(dependencies),
  ListContainerInstances: listContainerInstances(dependencies),
  RegisterContainerInstance: registerContainerInstance(dependencies),
  UpdateContainerAgent: updateContainerAgent(dependencies),
  UpdateContainerInstancesState: updateContainerInstancesState(dependencies),
  CreateDaemon: createDaemon(dependencies),
  DeleteDaemon: deleteDaemon(dependencies),
  DescribeDaemon: describeDaemon(dependencies),
  DescribeDaemonDeployments: describeDaemonDeployments(dependencies),
  DescribeDaemonRevisions: describeDaemonRevisions(dependencies),
  ListDaemonDeployments: listDaemonDeployments(dependencies),
  ListDaemons: listDaemons(dependencies),
  UpdateDaemon: updateDaemon(dependencies),
  DeleteDaemonTaskDefinition: deleteDaemonTaskDefinition(dependencies),
  DescribeDaemonTaskDefinition: describeDaemonTaskDefinition(dependencies),
  ListDaemonTaskDefinitions: listDaemonTaskDefinitions(dependencies),
  RegisterDaemonTaskDefinition: registerDaemonTaskDefinition(dependencies),
  CreateTaskSet: createTaskSet(dependencies),
  DeleteTaskSet: deleteTaskSet(dependencies),
  DescribeTaskSets: describeTaskSets(dependencies),
  UpdateServicePrimaryTaskSet: updateServicePrimaryTaskSet(dependencies),
  UpdateTaskSet: updateTaskSet(dependencies),
  DescribeTasks: describeTasks(dependencies),
  ListTasks: listTasks(dependencies),
  RunTask: runTask(dependencies),
  StartTask: startTask(dependencies),
  StopTask: stopTask(dependencies),
  GetTaskProtection: getTaskProtection(dependencies),
  UpdateTaskProtection: updateTaskProtection(dependencies),
  CreateService: createService(dependencies),
  DeleteService: deleteService(dependencies),
  DescribeServiceDeployments: describeServiceDeployments(dependencies),
  DescribeServiceRevisions: describeServiceRevisions(dependencies),
  DescribeServices: describeServices(dependencies),
  ListServiceDeployments: listServiceDeployments(dependencies),
  ListServices: listServices(dependencies),
  ListServicesByNamespace: listServicesByNamespace(dependencies),
  ContinueServiceDeployment: continueServiceDeployment(dependencies),
  StopServiceDeployment: stopServiceDeployment(dependencies),
  UpdateService: updateService(dependencies),
})
