// A load balancer from nothing to gone with the AWS CLI as people install it (Debian's, 2.9), in its shorthand.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { runCommand } from '../e2e/run-command.ts'
import { KEYS, REGION, type Stowage, startStowage } from '../e2e/stowage.ts'
import { defaultNetwork } from './default-network.ts'

const AWS = '/usr/bin/aws'
const skip = existsSync(AWS) ? false : `there is no ${AWS} here (package awscli)`
let stowage: Stowage
let network: { readonly vpcId: string; readonly subnetIds: readonly string[] }

before(async () => {
  if (skip) return
  stowage = await startStowage({ runtime: 'fake' })
  network = await defaultNetwork(stowage)
})
after(async () => {
  if (!skip) await stowage?.dispose()
})

const run = (...args: readonly string[]) => {
  const env = {
    PATH: process.env['PATH'],
    HOME: stowage.dataDir,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_REGION: REGION,
    AWS_PAGER: '',
  }
  return runCommand(AWS, ['--endpoint-url', stowage.endpoint, 'elbv2', ...args], { env })
}
/** Its answer as JSON; what it prints nothing for is undefined. */
const elbv2 = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(...args)
  assert.equal(code, 0, `aws elbv2 ${args.join(' ')}: ${stderr}`)
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

test('create, forward, route, look, delete', { skip }, async () => {
  const made = await elbv2('create-load-balancer', '--name', 'web', '--subnets', ...network.subnetIds)
  const loadBalancer: string = made.LoadBalancers[0].LoadBalancerArn
  assert.match(made.LoadBalancers[0].DNSName, /^web-[0-9]+\.elb\.localhost$/)
  await elbv2('wait', 'load-balancer-exists', '--names', 'web')
  const group = ['create-target-group', '--name', 'blue', '--protocol', 'HTTP', '--port', '80', '--target-type', 'ip']
  // Long enough for its targets to be `initial` still when they are looked at, however long the CLI takes.
  const check = ['--matcher', 'HttpCode=200-299', '--health-check-interval-seconds', '300']
  const { TargetGroups } = await elbv2(...group, '--vpc-id', network.vpcId, ...check)
  const targetGroup: string = TargetGroups[0].TargetGroupArn
  await elbv2('register-targets', '--target-group-arn', targetGroup, '--targets', 'Id=10.0.0.1', 'Id=10.0.0.2,Port=81')
  const create = ['create-listener', '--load-balancer-arn', loadBalancer, '--protocol', 'HTTP', '--port', '80']
  const { Listeners } = await elbv2(...create, '--default-actions', `Type=forward,TargetGroupArn=${targetGroup}`)
  const listener: string = Listeners[0].ListenerArn
  const rule = ['create-rule', '--listener-arn', listener, '--priority', '1', '--conditions']
  await elbv2(
    ...[...rule, 'Field=path-pattern,Values=/old/*', '--actions'],
    'Type=redirect,RedirectConfig={Path=/new,StatusCode=HTTP_301}',
  )
  const { Rules } = await elbv2('describe-rules', '--listener-arn', listener)
  assert.deepEqual(
    Rules.map((one: { Priority: string }) => one.Priority),
    ['1', 'default'],
  )
  assert.equal(Rules[0].Actions[0].RedirectConfig.Host, '#{host}')
  const { TargetHealthDescriptions } = await elbv2('describe-target-health', '--target-group-arn', targetGroup)
  assert.deepEqual(
    TargetHealthDescriptions.map((one: { TargetHealth: { State: string } }) => one.TargetHealth.State),
    ['initial', 'initial'],
  )
  const key = 'deregistration_delay.timeout_seconds'
  const modify = ['modify-target-group-attributes', '--target-group-arn', targetGroup]
  const { Attributes } = await elbv2(...modify, '--attributes', `Key=${key},Value=5`)
  assert.equal(Attributes.find((one: { Key: string }) => one.Key === key).Value, '5')
  const busy = await run('delete-target-group', '--target-group-arn', targetGroup)
  assert.match(busy.stderr, /\(ResourceInUse\).*DeleteTargetGroup operation: Target group '.*' is currently in use by/)
  await elbv2('delete-load-balancer', '--load-balancer-arn', loadBalancer)
  await elbv2('wait', 'load-balancers-deleted', '--load-balancer-arns', loadBalancer)
  await elbv2('delete-target-group', '--target-group-arn', targetGroup)
  const absent = await run('describe-load-balancers', '--names', 'web')
  assert.match(absent.stderr, /\(LoadBalancerNotFound\).*Load balancers '\[web\]' not found/)
  assert.deepEqual((await elbv2('describe-load-balancers')).LoadBalancers, [])
})
