import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../cluster/create-cluster.ts'
import { deleteCluster } from '../cluster/delete-cluster.ts'
import { registerTaskDefinition } from '../task-definition/register-task-definition.ts'
import { testEcs } from '../test-ecs.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { tagResource } from './tag-resource.ts'
import { untagResource } from './untag-resource.ts'
import { mergeTags, validateTags } from './validate-tags.ts'

const ARN = 'arn:aws:ecs:us-east-1:123456789012'
const CLUSTER = `${ARN}:cluster/default`

test('tags are added, replaced, listed and removed', async () => {
  const { call } = await testEcs()
  await call(createCluster, {})
  await call(tagResource, { resourceArn: CLUSTER, tags: [{ key: 'a', value: '1' }, { key: 'b' }] })
  await call(tagResource, { resourceArn: CLUSTER, tags: [{ key: 'a', value: '2' }] })
  const both = [
    { key: 'a', value: '2' },
    { key: 'b', value: '' },
  ]
  assert.deepEqual((await call(listTagsForResource, { resourceArn: CLUSTER })).tags, both)
  await call(untagResource, { resourceArn: CLUSTER, tagKeys: ['a', 'none'] })
  assert.deepEqual((await call(listTagsForResource, { resourceArn: CLUSTER })).tags, both.slice(1))
})

test('a task definition is tagged by revision', async () => {
  const { call } = await testEcs()
  await call(registerTaskDefinition, { family: 'web', containerDefinitions: [{ name: 'a', image: 'a', memory: 8 }] })
  const resourceArn = `${ARN}:task-definition/web:1`
  await call(tagResource, { resourceArn, tags: [{ key: 'a', value: '1' }] })
  assert.deepEqual((await call(listTagsForResource, { resourceArn })).tags, [{ key: 'a', value: '1' }])
})

test('ARNs that name nothing, or not enough, are refused', async () => {
  const { call } = await testEcs()
  await call(createCluster, {})
  const refused = async (resourceArn: string, code: string, message: string | RegExp) => {
    await assert.rejects(call(tagResource, { resourceArn, tags: [{ key: 'a' }] }), { code, message })
    await assert.rejects(call(untagResource, { resourceArn, tagKeys: ['a'] }), { code, message })
  }
  await refused(`${ARN}:cluster/none`, 'ClusterNotFoundException', 'Cluster not found.')
  await refused(`${ARN}:service/default/none`, 'ResourceNotFoundException', 'The specified service was not found.')
  await refused(`${ARN}:task/default/none`, 'ResourceNotFoundException', 'The specified task was not found.')
  await refused(
    `${ARN}:container-instance/default/none`,
    'ResourceNotFoundException',
    'The specified container instance was not found.',
  )
  await refused(
    `${ARN}:service/none`,
    'InvalidParameterException',
    'Long arn format must be used for tagging operations',
  )
  await refused('default', 'InvalidParameterException', 'Invalid identifier: default')
  await refused(
    `${ARN}:capacity-provider/a`,
    'ResourceNotFoundException',
    'The specified capacity provider was not found.',
  )
  await refused(`${ARN}:daemon/default/none`, 'ResourceNotFoundException', 'The specified daemon was not found.')
  await refused(`${ARN}:gateway/a`, 'InvalidParameterException', /gateway/)
  await assert.rejects(call(listTagsForResource, { resourceArn: `${ARN}:task/default/none` }), {
    code: 'InvalidParameterException',
  })
  await call(deleteCluster, { cluster: 'default' })
  await refused(
    CLUSTER,
    'InvalidParameterException',
    'The specified cluster is inactive. Specify an active cluster and try again.',
  )
})

test('validateTags keeps what AWS takes and refuses the rest', () => {
  assert.deepEqual(validateTags(undefined), [])
  assert.deepEqual(validateTags([{ key: 'a' }]), [{ key: 'a', value: '' }])
  validateTags([{ key: 'k'.repeat(128), value: 'v'.repeat(256) }])
  const refused = (tags: Parameters<typeof validateTags>[0]) =>
    assert.throws(() => validateTags(tags), { code: 'InvalidParameterException' })
  refused([{ value: 'no key' }])
  refused([{ key: 'k'.repeat(129) }])
  refused([{ key: 'k', value: 'v'.repeat(257) }])
  refused([{ key: 'a{b}' }])
  refused([{ key: 'k', value: 'a\nb' }])
  refused([{ key: 'aws:a' }])
  refused([{ key: 'AWS:a' }])
  refused([{ key: 'a' }, { key: 'a' }])
  refused(Array.from({ length: 51 }, (_, i) => ({ key: `k${i}` })))
})

test("AWS's own tags do not count to the limit of a resource", () => {
  const own = [{ key: 'aws:ecs:clusterName', value: 'default' }]
  const fifty = Array.from({ length: 50 }, (_, i) => ({ key: `k${i}`, value: '' }))
  assert.equal(mergeTags(own, fifty).length, 51)
  assert.throws(() => mergeTags(fifty, [{ key: 'one-more', value: '' }]), { code: 'LimitExceededException' })
})
