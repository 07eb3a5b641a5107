// DeleteTags: by key, or by key and value; all of them when none is named.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html
import type { DeleteTagsRequest, Tag } from '@aws-sdk/client-ec2'
import { checkDryRun, type Ec2Operation, missing, writeNetwork } from '../context.ts'
import { retag } from './tagged.ts'

export const deleteTags: Ec2Operation<DeleteTagsRequest, void> = dependencies => async (request, input) => {
  if (!input.Resources?.length) throw missing('resourceIdSet')
  const { Resources: ids, Tags: named } = input
  const goes = (tag: Tag): boolean =>
    named === undefined ||
    named.some(({ Key, Value }) => Key === tag.Key && (Value === undefined || Value === tag.Value))
  await writeNetwork(dependencies, request, tx => {
    retag(tx, request, ids, existing => existing.filter(tag => !goes(tag)))
    checkDryRun(input.DryRun)
  })
}
