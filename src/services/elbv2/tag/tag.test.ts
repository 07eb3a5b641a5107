import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2'
import { createRule } from '../rule/create-rule.ts'
import { OK, testElbv2 } from '../test-elbv2.ts'
import { addTags } from './add-tags.ts'
import { describeTags } from './describe-tags.ts'
import { removeTags } from './remove-tags.ts'

const tagged = async () => {
  const elb = await testElbv2()
  const Tags = [{ Key: 'made', Value: 'so' }]
  const { LoadBalancerArn } = await elb.loadBalancer({ Tags })
  const { ListenerArn } = await elb.listener(LoadBalancerArn, { Tags })
  const { TargetGroupArn } = await elb.targetGroup({ Tags })
  const Conditions = [{ Field: 'path-pattern', Values: ['/'] }]
  const { Rules } = await elb.call(createRule, { ListenerArn, Priority: 1, Conditions, Actions: [OK], Tags })
  return { ...elb, arns: [LoadBalancerArn, ListenerArn, TargetGroupArn, Rules?.[0]?.RuleArn ?? ''] }
}

test('the four kinds are made with tags, get more, and lose them', async () => {
  const { call, arns } = await tagged()
  const tags = async () => (await call(describeTags, { ResourceArns: arns })).TagDescriptions
  const all = (Tags: Tag[]) => arns.map(ResourceArn => ({ ResourceArn, Tags }))
  assert.deepEqual(await tags(), all([{ Key: 'made', Value: 'so' }]))
  const Tags = [{ Key: 'made', Value: 'anew' }, { Key: 'empty' }]
  await call(addTags, { ResourceArns: arns, Tags })
  assert.deepEqual(
    await tags(),
    all([
      { Key: 'made', Value: 'anew' },
      { Key: 'empty', Value: '' },
    ]),
  )
  await call(removeTags, { ResourceArns: arns, TagKeys: ['made', 'none'] })
  assert.deepEqual(await tags(), all([{ Key: 'empty', Value: '' }]))
})

test('what is wrong is refused, and none is tagged', async () => {
  const { call, refused, arns } = await tagged()
  const [loadBalancer = ''] = arns
  const absent = `${loadBalancer.slice(0, -4)}0000`
  const add = (ResourceArns: string[], Tags: Tag[], code: string) => refused(addTags, { ResourceArns, Tags }, code)
  await add([loadBalancer, absent], [{ Key: 'a', Value: '1' }], 'LoadBalancerNotFound')
  await add([loadBalancer, 'x'], [{ Key: 'a', Value: '1' }], 'ValidationError')
  await add([loadBalancer], [{ Key: 'a' }, { Key: 'a' }], 'DuplicateTagKeys')
  await add([loadBalancer], [{ Key: 'aws:a' }], 'ValidationError')
  await add([loadBalancer], [{ Key: '' }], 'ValidationError')
  await add([loadBalancer], [{ Key: 'a', Value: 'b'.repeat(257) }], 'ValidationError')
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `key-${index}`, Value: '' }))
  await add([loadBalancer], many, 'TooManyTags')
  const { TagDescriptions } = await call(describeTags, { ResourceArns: [loadBalancer] })
  assert.equal(TagDescriptions?.[0]?.Tags?.length, 1)
  await refused(describeTags, { ResourceArns: Array.from({ length: 21 }, () => loadBalancer) }, 'ValidationError')
  for (const arn of arns.slice(1, 3))
    await refused(
      describeTags,
      { ResourceArns: [`${arn.slice(0, -4)}0000`] },
      /listener/.test(arn) ? 'ListenerNotFound' : 'TargetGroupNotFound',
    )
})
