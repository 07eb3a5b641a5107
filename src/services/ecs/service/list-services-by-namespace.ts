// ListServicesByNamespace: services that use Service Connect in a Cloud Map namespace. There is neither here, so that no
// namespace exists, and that is the answer. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServicesByNamespace.html
import type { ListServicesByNamespaceRequest, ListServicesByNamespaceResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { EcsOperation } from '../context.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'

const PAGE = { most: 100, usual: 10 }

export const listServicesByNamespace: EcsOperation<ListServicesByNamespaceRequest, ListServicesByNamespaceResponse> =
  () =>
  (_, { namespace, maxResults }) => {
    checkPageSize(maxResults, PAGE)
    if (!namespace) throw invalid('Namespace can not be blank.')
    throw new AwsError('NamespaceNotFoundException', `The namespace ${namespace} was not found.`)
  }
