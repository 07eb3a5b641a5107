// The ECS operations that are built, by name: the gateway's list and docs/coverage.md's.
import type { OperationTable } from '../../aws/operation.ts'
import { createCluster } from './cluster/create-cluster.ts'
import { deleteCluster } from './cluster/delete-cluster.ts'
import { describeClusters } from './cluster/describe-clusters.ts'
import { listClusters } from './cluster/list-clusters.ts'
import type { EcsDependencies } from './context.ts'
import { listTagsForResource } from './tag/list-tags-for-resource.ts'
import { tagResource } from './tag/tag-resource.ts'
import { untagResource } from './tag/untag-resource.ts'
import { deregisterTaskDefinition } from './task-definition/deregister-task-definition.ts'
import { describeTaskDefinition } from './task-definition/describe-task-definition.ts'
import { listTaskDefinitionFamilies } from './task-definition/list-task-definition-families.ts'
import { listTaskDefinitions } from './task-definition/list-task-definitions.ts'
import { registerTaskDefinition } from './task-definition/register-task-definition.ts'

export const ecsOperations = (dependencies: EcsDependencies): OperationTable => ({
  CreateCluster: createCluster(dependencies),
  DeleteCluster: deleteCluster(dependencies),
  DescribeClusters: describeClusters(dependencies),
  ListClusters: listClusters(dependencies),
  DeregisterTaskDefinition: deregisterTaskDefinition(dependencies),
  DescribeTaskDefinition: describeTaskDefinition(dependencies),
  ListTaskDefinitionFamilies: listTaskDefinitionFamilies(dependencies),
  ListTaskDefinitions: listTaskDefinitions(dependencies),
  RegisterTaskDefinition: registerTaskDefinition(dependencies),
  ListTagsForResource: listTagsForResource(dependencies),
  TagResource: tagResource(dependencies),
  UntagResource: untagResource(dependencies),
})
