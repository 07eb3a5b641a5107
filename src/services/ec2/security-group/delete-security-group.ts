// DeleteSecurityGroup: once no load balancer and no running task carries it. A VPC's default group stays with it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
import type { DeleteSecurityGroupRequest, DeleteSecurityGroupResult } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import type { Scope } from '../../../domain/arn.ts'
import { DEFAULT_SECURITY_GROUP, type SecurityGroup } from '../../../domain/network.ts'
import { defaultVpc } from '../../../store/default-network.ts'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import { securityGroups } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { checkDryRun, type Ec2Operation, missing, writeNetwork } from '../context.ts'
import { inScope } from '../in-scope.ts'
import { taskInterfaces } from '../task-interfaces.ts'
import { groupNotFound } from './describe.ts'

export const deleteSecurityGroup: Ec2Operation<DeleteSecurityGroupRequest, DeleteSecurityGroupResult> =
  dependencies => (request, input) => {
    if (!input.GroupId && !input.GroupName) throw missing('groupId')
    return writeNetwork(dependencies, request, tx => {
      const group = find(tx, request, input)
      if (group.name === DEFAULT_SECURITY_GROUP)
        throw new AwsError(
          'CannotDelete',
          `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
        )
      if (isCarried(tx, request, group.id))
        throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`)
      checkDryRun(input.DryRun)
      tx.delete(securityGroups, group.id)
      return { Return: true, GroupId: group.id }
    })
  }

/** By name in the default VPC only, as on AWS. */
const find = (reader: Reader, scope: Scope, { GroupId, GroupName }: DeleteSecurityGroupRequest): SecurityGroup => {
  const inDefault = reader.byIndex(securityGroups, 'byVpc', defaultVpc(reader, scope)?.id ?? '')
  const group = GroupId
    ? inScope(reader.get(securityGroups, GroupId), scope)
    : [...inDefault].find(({ name }) => name === GroupName)
  if (!group) throw groupNotFound(GroupId ?? GroupName ?? '')
  return group
}

const isCarried = (reader: Reader, scope: Scope, id: string): boolean =>
  [...reader.byIndex(loadBalancers, 'byRegion', scope.region)].some(each => each.securityGroups.includes(id)) ||
  taskInterfaces(reader, scope).some(({ task }) =>
    task.networkConfiguration?.awsvpcConfiguration?.securityGroups?.includes(id),
  )
