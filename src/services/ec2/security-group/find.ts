// The security group that a request is about, by id, or by name in the default VPC, as on AWS.
import type { Scope } from '../../../domain/arn.ts'
import type { SecurityGroup } from '../../../domain/network.ts'
import { defaultVpc } from '../../../store/default-network.ts'
import { securityGroups } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { missing } from '../context.ts'
import { inScope } from '../in-scope.ts'
import { groupNotFound } from './describe.ts'

type Named = { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined }

export const findGroup = (reader: Reader, scope: Scope, { GroupId, GroupName }: Named): SecurityGroup => {
  if (!GroupId && !GroupName) throw missing('groupId')
  const inDefault = reader.byIndex(securityGroups, 'byVpc', defaultVpc(reader, scope)?.id ?? '')
  const group = GroupId
    ? inScope(reader.get(securityGroups, GroupId), scope)
    : [...inDefault].find(({ name }) => name === GroupName)
  if (!group) throw groupNotFound(GroupId ?? GroupName ?? '')
  return group
}
