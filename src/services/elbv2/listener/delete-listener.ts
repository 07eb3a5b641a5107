// DeleteListener: with its rules. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteListener.html
import type { DeleteListenerInput, DeleteListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Elbv2Operation } from '../context.ts'
import { findListener } from '../find.ts'
import { removeListener } from './remove-listener.ts'

export const deleteListener: Elbv2Operation<DeleteListenerInput, DeleteListenerOutput> =
  ({ store }) =>
  (request, { ListenerArn }) =>
    store.write(tx => {
      removeListener(tx, findListener(tx, request, ListenerArn))
      return {}
    })
