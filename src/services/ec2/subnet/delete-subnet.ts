// DeleteSubnet: once no task has an address of it and no load balancer stands in it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html
import type { DeleteSubnetRequest } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import { subnets } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, missing, writeNetwork } from '../context.ts'
import { inScope } from '../in-scope.ts'
import { countBySubnet } from '../task-interfaces.ts'
import { subnetNotFound } from './describe.ts'

export const deleteSubnet: Ec2Operation<DeleteSubnetRequest, void> = dependencies => (request, input) => {
  const id = input.SubnetId
  if (!id) throw missing('subnetId')
  return writeNetwork(dependencies, request, tx => {
    if (!inScope(tx.get(subnets, id), request)) throw subnetNotFound(id)
    const balanced = [...tx.byIndex(loadBalancers, 'byRegion', request.region)].some(({ zones }) =>
      zones.some(({ subnetId }) => subnetId === id),
    )
    if (balanced || countBySubnet(tx, request).has(id))
      throw new AwsError('DependencyViolation', `The subnet '${id}' has dependencies and cannot be deleted.`)
    checkDryRun(input.DryRun)
    tx.delete(subnets, id)
  })
}
