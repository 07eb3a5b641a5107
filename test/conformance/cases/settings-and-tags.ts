// Account settings, and tags on whatever has them.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, missing, NO_CLUSTER, refuses } from './case.ts'

const INVALID = 'InvalidParameterException'
const name = 'awsvpcTrunking'
const BAD_VALUE = "Invalid setting 'value'"

export const settingCases = [
  answers('PutAccountSetting', { name, value: 'enabled' }, w => ({
    setting: { name, value: 'enabled', principalArn: `arn:aws:iam::${w.stowage.accountId}:root`, type: 'user' },
  })),
  refuses('PutAccountSetting', INVALID, BAD_VALUE, { name, value: 'perhaps' }),

  answers('PutAccountSettingDefault', { name, value: 'disabled' }, { setting: { name, value: 'disabled' } }),
  refuses('PutAccountSettingDefault', INVALID, BAD_VALUE, { name, value: 'perhaps' }),

  answers('ListAccountSettings', { name, effectiveSettings: true }, { settings: [{ name, value: 'disabled' }] }),
  refuses('ListAccountSettings', INVALID, 'A setting name must be specified to filter by value.', { value: 'enabled' }),

  answers('DeleteAccountSetting', { name }, { setting: { name, value: 'disabled' } }),
  refuses('DeleteAccountSetting', INVALID, missing('name'), {}),
  refuses('DeleteAccountSetting', INVALID, 'Invalid principalArn', { name, principalArn: 'nobody' }),
]

const tags = [{ key: 'team', value: 'a' }]
const fifty = Array.from({ length: 50 }, (_, at) => ({ key: `k${at}`, value: 'v' }))

export const tagCases = [
  answers('TagResource', w => ({ resourceArn: w.arn('cluster/default'), tags }), {}),
  refuses('TagResource', 'ClusterNotFoundException', NO_CLUSTER, w => ({ resourceArn: w.arn('cluster/none'), tags })),
  refuses('TagResource', 'ResourceNotFoundException', 'The specified service was not found.', w => ({
    resourceArn: w.arn('service/default/none'),
    tags,
  })),
  refuses('TagResource', INVALID, 'Long arn format must be used for tagging operations', w => ({
    resourceArn: w.arn('service/web'),
    tags,
  })),
  refuses('TagResource', 'LimitExceededException', 'The maximum number of tags on a resource is 50.', async w => {
    const resourceArn = w.arn('cluster/tagged')
    await w.client.send(new ecs.CreateClusterCommand({ clusterName: 'tagged', tags: fifty }))
    return { resourceArn, tags }
  }),

  answers('ListTagsForResource', w => ({ resourceArn: w.arn('cluster/default') }), { tags }),
  refuses('ListTagsForResource', 'ClusterNotFoundException', NO_CLUSTER, w => ({ resourceArn: w.arn('cluster/none') })),
  refuses('ListTagsForResource', INVALID, 'The specified service was not found.', w => ({
    resourceArn: w.arn('service/default/none'),
  })),

  answers('UntagResource', w => ({ resourceArn: w.arn('cluster/default'), tagKeys: ['team'] }), {}),
  refuses('UntagResource', 'ClusterNotFoundException', NO_CLUSTER, w => ({
    resourceArn: w.arn('cluster/none'),
    tagKeys: ['team'],
  })),
  refuses('UntagResource', 'ResourceNotFoundException', 'The specified task was not found.', w => ({
    resourceArn: w.arn(`task/default/${'0'.repeat(32)}`),
    tagKeys: ['team'],
  })),
  refuses('UntagResource', INVALID, "Tag key 'aws:team' uses the prefix 'aws:', which is reserved.", w => ({
    resourceArn: w.arn('cluster/default'),
    tagKeys: ['aws:team'],
  })),
]
