// CreateTags: adds tags to networks, subnets and security groups, or overwrites them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html
import type { CreateTagsRequest } from '@aws-sdk/client-ec2'
import { checkDryRun, type Ec2Operation, missing, writeNetwork } from '../context.ts'
import { retag } from './tagged.ts'
import { checkTags, withTags } from './tags.ts'

export const createTags: Ec2Operation<CreateTagsRequest, void> = dependencies => async (request, input) => {
  if (!input.Resources?.length) throw missing('resourceIdSet')
  if (!input.Tags?.length) throw missing('tagSet')
  const tags = checkTags(input.Tags)
  const ids = input.Resources
  await writeNetwork(dependencies, request, tx => {
    retag(tx, request, ids, existing => withTags(existing, tags))
    checkDryRun(input.DryRun)
  })
}
