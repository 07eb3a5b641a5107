// Services behind load balancers by the SDK against a whole `stowage up` with simulated instances: what is answered of them, when
// their tasks are registered, and in which order those end. Nothing answers on simulated ports, so that the service is given a
// grace period for all of it; what needs real requests is test/e2e/zero-downtime.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import {
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type LoadBalanced, makeLoadBalancer } from '../e2e/load-balanced.ts'
import { freePort, type Stowage, startStowage } from '../e2e/stowage.ts'
import { waitFor } from '../e2e/wait-for.ts'

let stowage: Stowage
let balanced: LoadBalanced
before(async () => {
  stowage = await startStowage({ runtime: 'fake', instances: 2, args: ['--healthy-after', '1'] })
  balanced = await makeLoadBalancer(stowage.endpoint, 'web')
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }]
  const TargetGroupArn = balanced.targetGroupArn
  await balanced.elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
  const containerDefinitions = [{ name: 'app', image: 'fake/run', memory: 32, portMappings: [{ containerPort: 80 }] }]
  await stowage.ecs.send(new ecs.RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions }))
})
after(async () => {
  balanced?.elbv2.destroy()
  await stowage?.dispose()
})

const loadBalancers = () => [{ targetGroupArn: balanced.targetGroupArn, containerName: 'app', containerPort: 80 }]

const look = async (): Promise<ecs.Service> => {
  const { services = [] } = await stowage.ecs.send(new ecs.DescribeServicesCommand({ services: ['web'] }))
  assert(services[0])
  return services[0]
}

const targets = async (): Promise<TargetHealthDescription[]> => {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn: balanced.targetGroupArn })
  return (await balanced.elbv2.send(command)).TargetHealthDescriptions ?? []
}

const registered = (count: number): Promise<TargetHealthDescription[]> =>
  waitFor(`${count} targets are registered`, async () => {
    const found = await targets()
    const settled = found.every(({ TargetHealth }) => TargetHealth?.State !== 'draining')
    return settled && found.length === count ? found : undefined
  })

const taskArns = async (): Promise<string[]> =>
  (await stowage.ecs.send(new ecs.ListTasksCommand({ serviceName: 'web' }))).taskArns ?? []

const told = async (message: string): Promise<boolean> =>
  ((await look()).events ?? []).some(event => event.message === message)

test('its tasks are registered by instance and port when they run, and wait for their health', async () => {
  const input = { serviceName: 'web', taskDefinition: 'web', desiredCount: 2, healthCheckGracePeriodSeconds: 3_600 }
  const { service } = await stowage.ecs.send(new ecs.CreateServiceCommand({ ...input, loadBalancers: loadBalancers() }))
  assert.deepEqual(service?.loadBalancers, loadBalancers())
  assert.match(service?.roleArn ?? '', /:role\/aws-service-role\/ecs\.amazonaws\.com\/AWSServiceRoleForECS$/)
  const found = await registered(2)
  for (const { Target } of found) {
    assert.match(Target?.Id ?? '', /^i-[0-9a-f]{17}$/)
    assert.ok((Target?.Port ?? 0) > 1024)
  }
  const group = balanced.targetGroupArn
  const events = ((await look()).events ?? []).map(({ message }) => message ?? '')
  const counts = events.flatMap(message => {
    const match = /^\(service web\) registered (\d) targets in \(target-group (.+)\)$/.exec(message)
    return match?.[2] === group ? [Number(match[1])] : []
  })
  assert.equal(
    counts.reduce((total, count) => total + count, 0),
    2,
  )
  const [deployment] = (await look()).deployments ?? []
  assert.deepEqual([deployment?.runningCount, deployment?.rolloutState], [2, 'IN_PROGRESS'])
})

test('a task that a user stops is DEACTIVATING, its target drains, and then it is STOPPED; another takes its place', async () => {
  const [task = ''] = await taskArns()
  const stopped = await stowage.ecs.send(new ecs.StopTaskCommand({ task }))
  assert.deepEqual([stopped.task?.desiredStatus, stopped.task?.lastStatus], ['STOPPED', 'DEACTIVATING'])
  await waitFor('the task is STOPPED', async () => {
    const { tasks: [found] = [] } = await stowage.ecs.send(new ecs.DescribeTasksCommand({ tasks: [task] }))
    return found?.lastStatus === 'STOPPED' || undefined
  })
  assert.ok(await told(`(service web) deregistered 1 targets in (target-group ${balanced.targetGroupArn})`))
  const [deployment] = (await look()).deployments ?? []
  assert.ok(await told(`(service web, taskSet ${deployment?.id}) has begun draining connections on 1 tasks.`))
  await registered(2)
})

test('an update without load balancers begins a deployment; the old tasks leave their target group', async () => {
  const { service } = await stowage.ecs.send(new ecs.UpdateServiceCommand({ service: 'web', loadBalancers: [] }))
  assert.deepEqual([service?.loadBalancers, service?.deployments?.length], [[], 2])
  await waitFor('the deployment is complete', async () => {
    const [primary, ...older] = (await look()).deployments ?? []
    return (primary?.rolloutState === 'COMPLETED' && older.length === 0) || undefined
  })
  await registered(0)
})

test('a load balancer whose port somebody else has is named by the deployment that waits for it', async () => {
  const port = await freePort()
  const holder = createServer().listen(port, '127.0.0.1')
  await once(holder, 'listening')
  const failed = await makeLoadBalancer(stowage.endpoint, 'taken', { port })
  const input = { serviceName: 'waits', taskDefinition: 'web', desiredCount: 1 }
  const [asked] = loadBalancers()
  await stowage.ecs.send(
    new ecs.CreateServiceCommand({ ...input, loadBalancers: [{ ...asked, targetGroupArn: failed.targetGroupArn }] }),
  )
  const why = new RegExp(`^Tasks are not healthy in .* Load balancer taken failed: .*${port}`)
  await waitFor('the deployment says why', async () => {
    const listed = await stowage.ecs.send(new ecs.ListServiceDeploymentsCommand({ service: 'waits' }))
    return why.test(listed.serviceDeployments?.[0]?.statusReason ?? '') || undefined
  })
  const { services: [waiting] = [] } = await stowage.ecs.send(new ecs.DescribeServicesCommand({ services: ['waits'] }))
  assert.ok(waiting?.events?.some(({ message }) => message?.includes('Load balancer taken failed: ')))
  assert.equal(waiting?.deployments?.[0]?.rolloutState, 'IN_PROGRESS')
  failed.elbv2.destroy()
  holder.close()
})

test('an unknown target group is InvalidParameterException, and nothing is changed', async () => {
  const [asked] = loadBalancers()
  const targetGroupArn = asked?.targetGroupArn.replace(/[0-9a-f]{16}$/, '0123456789abcdef')
  await assert.rejects(
    stowage.ecs.send(new ecs.UpdateServiceCommand({ service: 'web', loadBalancers: [{ ...asked, targetGroupArn }] })),
    { name: 'InvalidParameterException' },
  )
  assert.deepEqual((await look()).loadBalancers, [])
})
