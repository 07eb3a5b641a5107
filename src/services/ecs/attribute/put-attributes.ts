// PutAttributes: gives container instances attributes of the operator's own, or other values to those they have. After: the
// placement loop, for tasks that wait for an instance with such an attribute.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAttributes.html
import type { Attribute, PutAttributesRequest, PutAttributesResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import { containerInstances } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { invalid } from '../refuse.ts'
import { checkAttributes, describeAttribute, isCustom, MAX_CUSTOM, targetOf } from './custom-attributes.ts'

export const putAttributes: EcsOperation<PutAttributesRequest, PutAttributesResponse> =
  ({ store }) =>
  (request, input) => {
    const asked = checkAttributes(input.attributes)
    for (const attribute of asked) checkValue(attribute)
    return store.write(tx => {
      const cluster = findCluster(tx, request, input.cluster)
      const attributes = asked.map(attribute => {
        const target = targetOf(tx, request, cluster, attribute)
        tx.put(containerInstances, withAttribute(target, attribute))
        return describeAttribute(attribute, target)
      })
      return { attributes }
    })
  }

const checkValue = ({ name, value }: Attribute): void => {
  if (value === undefined) return
  if (!/^[A-Za-z0-9_.@/\\: -]{1,128}$/.test(value) || value.trim() !== value)
    throw invalid(
      `The value of attribute '${name}' is invalid: it has 1 to 128 letters, digits, hyphens, underscores, periods, at signs, slashes, back slashes, colons and spaces, none of these at an end.`,
    )
}

const withAttribute = (instance: ContainerInstance, { name, value }: Attribute): ContainerInstance => {
  const others = instance.attributes.filter(attribute => attribute.name !== name)
  // An agent may have registered more; those may still be given other values.
  const isNew = others.length === instance.attributes.length
  if (isNew && others.filter(isCustom).length >= MAX_CUSTOM)
    throw new AwsError(
      'AttributeLimitExceededException',
      `You can apply up to ${MAX_CUSTOM} custom attributes for each resource.`,
    )
  const attributes = [...others, { name, ...(value === undefined ? {} : { value }) }]
  return { ...instance, attributes, version: instance.version + 1 }
}
