// DeleteAttributes: takes attributes of the operator's own from container instances, and answers those that were there.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteAttributes.html
import type { DeleteAttributesRequest, DeleteAttributesResponse } from '@aws-sdk/client-ecs'
import { containerInstances } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { invalid } from '../refuse.ts'
import { checkAttributes, describeAttribute, targetOf } from './custom-attributes.ts'

export const deleteAttributes: EcsOperation<DeleteAttributesRequest, DeleteAttributesResponse> =
  ({ store }) =>
  (request, input) => {
    const asked = checkAttributes(input.attributes)
    for (const { name, value } of asked)
      if (value !== undefined) throw invalid(`The value of attribute '${name}' should not be specified to delete it.`)
    return store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const attributes = asked.flatMap(attribute => {
        const target = targetOf(tx, request, cluster, attribute)
        const found = target.attributes.find(({ name }) => name === attribute.name)
        if (!found) return []
        const others = target.attributes.filter(one => one !== found)
        tx.put(containerInstances, { ...target, attributes: others, version: target.version + 1 })
        return [describeAttribute(found, target)]
      })
      return { attributes }
    })
  }
