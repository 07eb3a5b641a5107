// DescribeTags: the tags of up to 20 resources.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
import type { DescribeTagsInput, DescribeTagsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Elbv2Operation, invalid } from '../context.ts'
import { findTagged } from './tags.ts'

const MOST = 20

export const describeTags: Elbv2Operation<DescribeTagsInput, DescribeTagsOutput> =
  ({ store }) =>
  (request, { ResourceArns = [] }) => {
    if (ResourceArns.length > MOST) throw invalid(`At most ${MOST} resource ARNs can be specified`)
    return {
      TagDescriptions: ResourceArns.map(arn => ({
        ResourceArn: arn,
        Tags: [...findTagged(store, request, arn).tags],
      })),
    }
  }
