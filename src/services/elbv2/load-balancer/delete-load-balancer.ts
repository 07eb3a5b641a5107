// DeleteLoadBalancer: with its listeners and their rules; its target groups stay, and are free for another. One that is not
// there is none the less deleted. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
import type { DeleteLoadBalancerInput, DeleteLoadBalancerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { attributeOfLoadBalancer } from '../../../domain/load-balancing/attributes.ts'
import { listeners, loadBalancerStates, loadBalancers } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, refusal } from '../context.ts'
import { findLoadBalancer, unlessAbsent } from '../find.ts'
import { removeListener } from '../listener/remove-listener.ts'

export const deleteLoadBalancer: Elbv2Operation<DeleteLoadBalancerInput, DeleteLoadBalancerOutput> =
  ({ store }) =>
  (request, { LoadBalancerArn }) =>
    store.write(tx => {
      const row = unlessAbsent(() => findLoadBalancer(tx, request, LoadBalancerArn))
      if (!row) return {}
      if (attributeOfLoadBalancer(row, 'deletion_protection.enabled') === 'true')
        throw refusal(
          'OperationNotPermitted',
          `Load balancer '${row.arn}' cannot be deleted because deletion protection is enabled`,
        )
      for (const listener of tx.byIndex(listeners, 'byLoadBalancer', row.arn)) removeListener(tx, listener)
      tx.delete(loadBalancers, row.arn)
      tx.delete(loadBalancerStates, row.arn)
      return {}
    })
