// DeleteSecurityGroup: once no load balancer and no running task carries it, and no other group's rule names it. A VPC's default group stays with it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
import type { DeleteSecurityGroupRequest, DeleteSecurityGroupResult } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import type { Scope } from '../../../domain/arn.ts'
import { DEFAULT_SECURITY_GROUP } from '../../../domain/network.ts'
import { rulesOf } from '../../../domain/security-group-rule.ts'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import { networkKey, securityGroups } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { checkDryRun, type Ec2Operation, writeNetwork } from '../context.ts'
import { taskInterfaces } from '../task-interfaces.ts'
import { findGroup } from './find.ts'

export const deleteSecurityGroup: Ec2Operation<DeleteSecurityGroupRequest, DeleteSecurityGroupResult> =
  dependencies => (request, input) => {
    return writeNetwork(dependencies, request, tx => {
      const group = findGroup(tx, request, input)
      if (group.name === DEFAULT_SECURITY_GROUP)
        throw new AwsError(
          'CannotDelete',
          `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
        )
      if (isCarried(tx, request, group.id) || isNamedByOther(tx, request, group.id))
        throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`)
      checkDryRun(input.DryRun)
      tx.delete(securityGroups, group.id)
      return { Return: true, GroupId: group.id }
    })
  }

const isCarried = (reader: Reader, scope: Scope, id: string): boolean =>
  [...reader.byIndex(loadBalancers, 'byRegion', scope.region)].some(each => each.securityGroups.includes(id)) ||
  taskInterfaces(reader, scope).some(({ task }) =>
    task.networkConfiguration?.awsvpcConfiguration?.securityGroups?.includes(id),
  )

/** A group that another one's rule lets in stays. */
const isNamedByOther = (reader: Reader, scope: Scope, id: string): boolean =>
  [...reader.byIndex(securityGroups, 'byScope', networkKey(scope))].some(
    other => other.id !== id && rulesOf(other).some(rule => rule.groupId === id),
  )
