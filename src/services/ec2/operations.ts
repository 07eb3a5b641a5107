// The operations of Amazon EC2 that are built: what ECS services and load balancers need of networks.
import type { OperationTable } from '../../aws/operation.ts'
import type { Ec2Dependencies } from './context.ts'
import { describeAvailabilityZones } from './describe-availability-zones.ts'
import { describeNetworkInterfaces } from './describe-network-interfaces.ts'
import { authorizeSecurityGroupEgress, authorizeSecurityGroupIngress } from './security-group/authorize.ts'
import { createSecurityGroup } from './security-group/create-security-group.ts'
import { deleteSecurityGroup } from './security-group/delete-security-group.ts'
import { describeSecurityGroupRules } from './security-group/describe-security-group-rules.ts'
import { describeSecurityGroups } from './security-group/describe-security-groups.ts'
import { revokeSecurityGroupEgress, revokeSecurityGroupIngress } from './security-group/revoke.ts'
import { createSubnet } from './subnet/create-subnet.ts'
import { deleteSubnet } from './subnet/delete-subnet.ts'
import { describeSubnets } from './subnet/describe-subnets.ts'
import { createTags } from './tag/create-tags.ts'
import { deleteTags } from './tag/delete-tags.ts'
import { createVpc } from './vpc/create-vpc.ts'
import { deleteVpc } from './vpc/delete-vpc.ts'
import { describeVpcAttribute } from './vpc/describe-vpc-attribute.ts'
import { describeVpcs } from './vpc/describe-vpcs.ts'

export const ec2Operations = (dependencies: Ec2Dependencies): OperationTable => ({
  AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress(dependencies),
  AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress(dependencies),
  CreateSecurityGroup: createSecurityGroup(dependencies),
  CreateSubnet: createSubnet(dependencies),
  CreateTags: createTags(dependencies),
  CreateVpc: createVpc(dependencies),
  DeleteSecurityGroup: deleteSecurityGroup(dependencies),
  DeleteSubnet: deleteSubnet(dependencies),
  DeleteTags: deleteTags(dependencies),
  DeleteVpc: deleteVpc(dependencies),
  DescribeAvailabilityZones: describeAvailabilityZones(dependencies),
  DescribeNetworkInterfaces: describeNetworkInterfaces(dependencies),
  DescribeSecurityGroupRules: describeSecurityGroupRules(dependencies),
  DescribeSecurityGroups: describeSecurityGroups(dependencies),
  DescribeSubnets: describeSubnets(dependencies),
  DescribeVpcAttribute: describeVpcAttribute(dependencies),
  DescribeVpcs: describeVpcs(dependencies),
  RevokeSecurityGroupEgress: revokeSecurityGroupEgress(dependencies),
  RevokeSecurityGroupIngress: revokeSecurityGroupIngress(dependencies),
})
