// DeleteVpc: once nothing but its default security group is in it. The default VPC stays: it would be made anew when it is next
// asked for. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
import type { DeleteVpcRequest } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { DEFAULT_SECURITY_GROUP } from '../../../domain/network.ts'
import { securityGroups, subnets, vpcs } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, missing, writeNetwork } from '../context.ts'
import { findVpc } from './describe.ts'

export const deleteVpc: Ec2Operation<DeleteVpcRequest, void> = dependencies => (request, input) => {
  const id = input.VpcId
  if (!id) throw missing('vpcId')
  return writeNetwork(dependencies, request, tx => {
    const vpc = findVpc(tx, request, id)
    if (vpc.isDefault)
      throw new AwsError(
        'UnsupportedOperation',
        'Deleting the default VPC is not built in Stowage yet: see docs/coverage.md.',
      )
    const groups = [...tx.byIndex(securityGroups, 'byVpc', id)]
    if (tx.count(subnets, 'byVpc', id) > 0 || groups.some(group => group.name !== DEFAULT_SECURITY_GROUP))
      throw new AwsError('DependencyViolation', `The vpc '${id}' has dependencies and cannot be deleted.`)
    checkDryRun(input.DryRun)
    for (const group of groups) tx.delete(securityGroups, group.id)
    tx.delete(vpcs, id)
  })
}
