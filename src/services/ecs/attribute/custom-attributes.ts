// Which attributes of a container instance are an operator's own, and what PutAttributes and DeleteAttributes check alike: who
// is meant, by id or ARN, and what an attribute may be called.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes
import type { Attribute } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import type { Reader } from '../../../store/store.ts'
import { findContainerInstance } from '../find.ts'
import { invalid } from '../refuse.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAttributes.html: in one call, and on one resource. */
const MAX_IN_CALL = 10
export const MAX_CUSTOM = 10

/** What says which host it is and what it can do is the agent's to tell, with every registration. */
const RESERVED = /^(ecs\.|com\.amazonaws\.|stowage\.)/

export const isCustom = ({ name = '' }: Pick<Attribute, 'name'>): boolean => !RESERVED.test(name)

export const checkAttributes = (attributes: readonly Attribute[] = []): readonly Attribute[] => {
  if (attributes.length === 0) throw invalid('Attributes cannot be empty.')
  if (attributes.length > MAX_IN_CALL) throw invalid(`At most ${MAX_IN_CALL} attributes can be given in one call.`)
  for (const attribute of attributes) {
    const { name = '' } = attribute
    if (!/^[A-Za-z0-9_./\\-]{1,128}$/.test(name))
      throw invalid(
        `Attribute name '${name.slice(0, 128)}' is invalid: it has 1 to 128 letters, digits, hyphens, underscores, slashes, back slashes and periods.`,
      )
    if (!isCustom(attribute))
      throw invalid(`Attribute name '${name}' is reserved: only custom attributes can be changed.`)
  }
  return attributes
}

/** The instance that an attribute names; TargetNotFoundException when the cluster has none such. */
export const targetOf = (
  reader: Reader,
  request: RequestContext,
  cluster: Cluster,
  { targetId, targetType }: Attribute,
): ContainerInstance => {
  if (!targetId) throw invalid('Each attribute needs a targetId.')
  if (!targetId.startsWith('arn:') && !targetType)
    throw invalid('targetType is required where targetId is not a full ARN.')
  const found = findContainerInstance(reader, request, cluster, targetId)
  if (!found || found.status === 'INACTIVE')
    throw new AwsError('TargetNotFoundException', "The specified target wasn't found.")
  return found
}

/** As PutAttributes, DeleteAttributes and ListAttributes answer it. */
export const describeAttribute = ({ name, value }: Attribute, instance: ContainerInstance): Attribute => ({
  name,
  ...(value === undefined ? {} : { value }),
  targetId: instance.arn,
})
