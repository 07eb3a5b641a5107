// CreateSecurityGroup: a name that tasks and load balancers can carry. Until it is given others, its one rule lets all out.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
import type { CreateSecurityGroupRequest, CreateSecurityGroupResult } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { networkId, type SecurityGroup } from '../../../domain/network.ts'
import { defaultVpc } from '../../../store/default-network.ts'
import { securityGroups } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, invalidValue, missing, writeNetwork } from '../context.ts'
import { tagsFrom } from '../tag/tags.ts'
import { findVpc } from '../vpc/describe.ts'
import { groupArn } from './describe.ts'

const TEXT = /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/

export const createSecurityGroup: Ec2Operation<CreateSecurityGroupRequest, CreateSecurityGroupResult> =
  dependencies => (request, input) => {
    const { GroupName: name, Description: description, VpcId, TagSpecifications, DryRun } = input
    if (!name) throw missing('groupName')
    if (!description) throw missing('groupDescription')
    if (!TEXT.test(name) || name.startsWith('sg-'))
      throw invalidValue(
        `Value (${name}) for parameter GroupName is invalid. It must have 1 to 255 characters of those allowed, and not start with 'sg-'.`,
      )
    if (!TEXT.test(description))
      throw invalidValue(
        `Value (${description}) for parameter GroupDescription is invalid. It must have 1 to 255 characters of those allowed.`,
      )
    const tags = tagsFrom(TagSpecifications, 'security-group')
    return writeNetwork(dependencies, request, (tx, now) => {
      const vpcId = VpcId ? findVpc(tx, request, VpcId).id : (defaultVpc(tx, request)?.id ?? '')
      if ([...tx.byIndex(securityGroups, 'byVpc', vpcId)].some(group => group.name === name))
        throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`)
      checkDryRun(DryRun)
      const { region, accountId } = request
      const id = networkId('sg', dependencies.ids)
      const group: SecurityGroup = { region, accountId, tags, createdAt: now, id, vpcId, name, description }
      tx.put(securityGroups, group)
      return { GroupId: id, Tags: tags, SecurityGroupArn: groupArn(group) }
    })
  }
