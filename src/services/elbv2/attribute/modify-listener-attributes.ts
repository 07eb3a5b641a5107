// ModifyListenerAttributes: all that are asked for, or none.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListenerAttributes.html
import type {
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { listenerAttributes } from '../../../domain/load-balancing/attributes.ts'
import { listeners } from '../../../store/load-balancing-tables.ts'
import type { Elbv2Operation } from '../context.ts'
import { findListener } from '../find.ts'
import { describeAttributes, withAttributes } from './attributes.ts'

export const modifyListenerAttributes: Elbv2Operation<ModifyListenerAttributesInput, ModifyListenerAttributesOutput> =
  ({ store }) =>
  (request, { ListenerArn, Attributes }) =>
    store.write(tx => {
      const row = findListener(tx, request, ListenerArn)
      const rules = listenerAttributes(row)
      const attributes = withAttributes('Listener attribute', rules, row.attributes, Attributes)
      tx.put(listeners, { ...row, attributes })
      return { Attributes: describeAttributes(rules, attributes) }
    })
