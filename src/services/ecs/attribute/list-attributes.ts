// ListAttributes: the attributes of a cluster's container instances, all or those of one name or of one name and value.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListAttributes.html
import type { Attribute, ListAttributesRequest, ListAttributesResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import type { ContainerInstance } from '../../../domain/container-instance.ts'
import type { Reader } from '../../../store/store.ts'
import { containerInstances } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'
import { describeAttribute } from './custom-attributes.ts'

const PAGE = { most: 100, usual: 100 }

export const listAttributes: EcsOperation<ListAttributesRequest, ListAttributesResponse> =
  ({ store }) =>
  (request, { cluster: named, attributeName, attributeValue, maxResults, nextToken }) => {
    const limit = checkPageSize(maxResults, PAGE)
    if (attributeValue !== undefined && !attributeName)
      throw invalid('An attribute name must be specified to filter by attribute value.')
    const cluster = findCluster(store, request, named)
    const query = `ListAttributes|${JSON.stringify([cluster.arn, attributeName, attributeValue])}`
    const rows = attributesOf(store, cluster.arn, startOfPage(query, nextToken))
    const page = pageOf(rows, {
      query,
      limit,
      keyOf,
      where: ({ attribute: { name, value } }) =>
        (!attributeName || name === attributeName) && (attributeValue === undefined || value === attributeValue),
    })
    return {
      attributes: page.rows.map(({ attribute, instance }) => describeAttribute(attribute, instance)),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }

type Row = { readonly instance: ContainerInstance; readonly attribute: Attribute }

// No ARN has a bar. A page may end amid an instance's attributes: these go by name, so that the next one finds its place
// whatever was put or deleted meanwhile.
const keyOf = ({ instance, attribute }: Row): string => `${instance.arn}|${attribute.name}`

function* attributesOf(reader: Reader, clusterArn: string, after: string | undefined): Generator<Row> {
  const lastArn = after?.slice(0, after.indexOf('|'))
  const last = lastArn === undefined ? undefined : reader.get(containerInstances, lastArn)
  if (after !== undefined && last?.clusterArn === clusterArn && last.status !== 'INACTIVE')
    for (const row of byName(last)) if (keyOf(row) > after) yield row
  for (const instance of reader.byIndex(containerInstances, 'byCluster', clusterArn, lastArn)) yield* byName(instance)
}

const byName = (instance: ContainerInstance): readonly Row[] =>
  instance.attributes.map(attribute => ({ instance, attribute })).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
