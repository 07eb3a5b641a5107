// A VPC as callers are shown it, and how it is found.
import type { Vpc as ShownVpc } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import type { Scope } from '../../../domain/arn.ts'
import type { Vpc } from '../../../domain/network.ts'
import { vpcs } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { inScope } from '../in-scope.ts'

export const describeVpc = (vpc: Vpc): ShownVpc => ({
  VpcId: vpc.id,
  OwnerId: vpc.accountId,
  State: 'available',
  CidrBlock: vpc.cidrBlock,
  CidrBlockAssociationSet: [
    {
      AssociationId: vpc.id.replace('vpc-', 'vpc-cidr-assoc-'),
      CidrBlock: vpc.cidrBlock,
      CidrBlockState: { State: 'associated' },
    },
  ],
  InstanceTenancy: 'default',
  IsDefault: vpc.isDefault,
  Tags: [...vpc.tags],
})

export const vpcNotFound = (id: string): AwsError =>
  new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`)

export const findVpc = (reader: Reader, scope: Scope, id: string): Vpc => {
  const vpc = inScope(reader.get(vpcs, id), scope)
  if (!vpc) throw vpcNotFound(id)
  return vpc
}
