// SetSecurityGroups: a load balancer's security groups anew. They are records: Stowage filters no packets by them.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSecurityGroups.html
import type { SetSecurityGroupsInput, SetSecurityGroupsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid, invalidConfiguration } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { findLoadBalancer } from '../find.ts'
import { checkSecurityGroups } from './network.ts'

export const setSecurityGroups: Elbv2Operation<SetSecurityGroupsInput, SetSecurityGroupsOutput> =
  ({ store }) =>
  (request, input) => {
    checkBuilt('SetSecurityGroupsInput', input)
    return store.write(tx => {
      const row = findLoadBalancer(tx, request, input.LoadBalancerArn)
      const securityGroups = checkSecurityGroups(tx, row.vpcId, input.SecurityGroups ?? [])
      if (securityGroups.length === 0) throw invalid('At least one security group must be specified')
      if (row.type === 'network' && row.securityGroups.length === 0)
        throw invalidConfiguration(
          'Security groups cannot be set on a network load balancer that was created without them',
        )
      tx.put(loadBalancers, { ...row, securityGroups })
      return { SecurityGroupIds: [...securityGroups] }
    })
  }
