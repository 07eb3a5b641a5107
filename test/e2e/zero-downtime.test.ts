// A service of three tasks behind an application load balancer, under requests all the while, on kept and on new connections:
// rolling deployments, one that fails and is rolled back, one in which Stowage is killed; then such that shift the traffic from
// one target group to another. Not one request may fail.
// STOWAGE_ROLLOUTS=20 (npm run test:rollouts) for the long run; STOWAGE_REQUESTS_PER_SECOND for another rate.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  ContinueServiceDeploymentCommand,
  CreateServiceCommand,
  type DeploymentConfiguration,
  type DeploymentLifecycleHookAction,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  type ServiceDeployment,
  type ServiceDeploymentStatus,
  type ServiceEvent,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { busyWebTask, idleTask, webTask } from './definitions.ts'
import { type LoadBalanced, makeAlternate, makeLoadBalancer } from './load-balanced.ts'
import { type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, ensureWebImage, testDocker } from './test-image.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import { waitFor } from './wait-for.ts'

const ROLLOUTS = Number(process.env['STOWAGE_ROLLOUTS'] ?? 2)
const SHIFTS = Math.ceil(ROLLOUTS / 4)
const PER_SECOND = Number(process.env['STOWAGE_REQUESTS_PER_SECOND'] ?? 1_000)
const DEPLOYED_WITHIN_MS = 300_000
let stowage: Stowage
let balanced: LoadBalanced
let alternate: Awaited<ReturnType<typeof makeAlternate>> | undefined

before(async () => {
  await ensureTestImage(testDocker())
  await ensureWebImage(testDocker())
  stowage = await startStowage()
  balanced = await makeLoadBalancer(stowage.endpoint, 'web')
  await define('v0')
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } }
  const loadBalancers = [{ targetGroupArn: balanced.targetGroupArn, containerName: 'web', containerPort: 80 }]
  const input = { serviceName: 'web', taskDefinition: 'web', desiredCount: 3, deploymentConfiguration, loadBalancers }
  await stowage.ecs.send(new CreateServiceCommand(input))
  await over('SUCCESSFUL')
})
after(async () => {
  balanced?.elbv2.destroy()
  await stowage?.dispose()
})

const define = async (text: string): Promise<void> => {
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(busyWebTask('web', text)))
}

const deploy = async (): Promise<void> => {
  await stowage.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: 'web' }))
}

const newest = async (): Promise<ServiceDeployment | undefined> => {
  const { ecs } = stowage
  const { serviceDeployments = [] } = await ecs.send(new ListServiceDeploymentsCommand({ service: 'web' }))
  const serviceDeploymentArns = [serviceDeployments[0]?.serviceDeploymentArn ?? '']
  const answer = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }))
  return answer.serviceDeployments?.[0]
}

/** The newest deployment, once it is over; it must be so by this status. */
const over = async (status: ServiceDeploymentStatus): Promise<ServiceDeployment> => {
  const told = async (): Promise<string> => {
    const { services = [] } = await stowage.ecs.send(new DescribeServicesCommand({ services: ['web'] }))
    const events: readonly ServiceEvent[] = services[0]?.events ?? []
    return events.map(({ message }) => message).join('\n')
  }
  try {
    const found = await waitFor(
      'the deployment is over',
      async () => {
        const one = await newest()
        return one?.finishedAt ? one : undefined
      },
      DEPLOYED_WITHIN_MS,
    )
    assert.equal(found.status, status, found.statusReason ?? '')
    return found
  } catch (error) {
    throw new Error(`${(await newest())?.statusReason}\n${await told()}`, { cause: error })
  }
}

const under = async (what: (traffic: Traffic) => Promise<void>): Promise<string> => {
  const begin = Date.now()
  const traffic = startTraffic({ url: balanced.url, perSecond: PER_SECOND })
  const failed = await what(traffic).then(
    () => undefined,
    error => error,
  )
  const { sent, answered, failures, texts } = await traffic.end()
  assert.deepEqual(failures.slice(0, 20), [], `${failures.length} of ${sent} requests failed`)
  if (failed) throw failed
  assert.equal(answered, sent)
  return `${Math.round(sent / ((Date.now() - begin) / 1000))} requests/s: ${JSON.stringify(texts)}`
}

const answersOnly = (traffic: Traffic, text: string) =>
  waitFor(`all answer ${text}`, async () => {
    const before = traffic.counts()
    await waitFor('a hundred more answers', () => traffic.counts().answered > before.answered + 100 || undefined)
    const now = traffic.counts().texts
    return Object.keys(now).every(one => one === text || now[one] === before.texts[one]) || undefined
  })

for (let rollout = 1; rollout <= ROLLOUTS; rollout++)
  test(`rolling deployment ${rollout} of ${ROLLOUTS} fails no request`, async t => {
    t.diagnostic(
      await under(async traffic => {
        await define(`v${rollout}`)
        await deploy()
        await over('SUCCESSFUL')
        await answersOnly(traffic, `v${rollout}`)
      }),
    )
  })

/** By what their web server does, and what the load balancer's checks say of it. */
const BROKEN = {
  'answers 404': ['', 'Health checks failed with these codes: \\[404\\]'],
  'accepts requests and never answers': [
    'busybox mkdir cgi-bin; printf "#!/bin/sh\\nsleep 100\\n" >cgi-bin/index.cgi; busybox chmod +x cgi-bin/index.cgi; ',
    'Request timed out',
  ],
} as const

for (const [name, [make, reason]] of Object.entries(BROKEN))
  test(`a revision that ${name} is rolled back by the circuit breaker, which says why; no request fails`, async t => {
    t.diagnostic(
      await under(async () => {
        const { containerDefinitions = [] } = webTask('web', 'broken')
        const command = ['sh', '-c', `trap "exit 0" TERM; cd /tmp; ${make}httpd -f -p 80 & wait`]
        await stowage.ecs.send(
          new RegisterTaskDefinitionCommand({
            family: 'web',
            containerDefinitions: containerDefinitions.map(one => ({ ...one, command })),
          }),
        )
        await deploy()
        const { statusReason = '' } = await over('ROLLBACK_SUCCESSFUL')
        assert.match(
          statusReason,
          /circuit breaker threshold was exceeded\. Last failure: \(task \w+\) Task failed ELB health checks/,
        )
        assert.match(
          statusReason,
          new RegExp(`in \\(target-group ${balanced.targetGroupArn}\\) due to \\(reason ${reason}\\)$`),
        )
      }),
    )
  })

test('an image whose program ends is rolled back; no request fails', async t => {
  t.diagnostic(
    await under(async () => {
      const { containerDefinitions = [] } = idleTask('web', { name: 'web', command: ['sh', '-c', 'exit 3'] })
      await stowage.ecs.send(
        new RegisterTaskDefinitionCommand({
          family: 'web',
          containerDefinitions: containerDefinitions.map(one => ({ ...one, portMappings: [{ containerPort: 80 }] })),
        }),
      )
      await deploy()
      const done = await over('ROLLBACK_SUCCESSFUL')
      assert.match(done.statusReason ?? '', /Last failure: .*Essential container in task exited: exit code 3/)
    }),
  )
})

test('kill -9 of Stowage in the middle of a deployment fails no request, and the deployment goes on', async t => {
  t.diagnostic(
    await under(async traffic => {
      await define('after-kill')
      await deploy()
      await waitFor(
        'a task of the new revision answers',
        () => traffic.counts().texts['after-kill'] || undefined,
        DEPLOYED_WITHIN_MS,
      )
      await stowage.kill()
      await stowage.start()
      await over('SUCCESSFUL')
      await answersOnly(traffic, 'after-kill')
    }),
  )
})

/** From now on the service has two target groups, and deployments of this configuration. */
const shifting = async (deploymentConfiguration: DeploymentConfiguration, text: string): Promise<void> => {
  alternate ??= await makeAlternate(balanced, 'web-alternate')
  await define(text)
  const { targetGroupArn } = balanced
  const roleArn = 'arn:aws:iam::123456789012:role/ecsInfrastructureRole'
  const advancedConfiguration = { ...alternate, roleArn }
  const loadBalancers = [{ targetGroupArn, containerName: 'web', containerPort: 80, advancedConfiguration }]
  const input = { service: 'web', taskDefinition: 'web', deploymentConfiguration, loadBalancers }
  await stowage.ecs.send(new UpdateServiceCommand(input))
}

for (let shift = 1; shift <= SHIFTS; shift++)
  test(`blue/green deployment ${shift} of ${SHIFTS} fails no request`, async t => {
    t.diagnostic(
      await under(async traffic => {
        await shifting({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 }, `green${shift}`)
        const { lifecycleStage, targetServiceRevision } = await over('SUCCESSFUL')
        assert.deepEqual([lifecycleStage, targetServiceRevision?.requestedProductionTrafficWeight], ['CLEAN_UP', 100])
        await answersOnly(traffic, `green${shift}`)
      }),
    )
  })

test('a canary gets its share, waits to be told, and is rolled back; no request fails', async t => {
  t.diagnostic(
    await under(async traffic => {
      const { texts: before } = traffic.counts()
      const canaryConfiguration = { canaryPercent: 20, canaryBakeTimeInMinutes: 0 }
      const lifecycleHooks = [
        { targetType: 'PAUSE' as const, lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT' as const] },
      ]
      await shifting({ strategy: 'CANARY', bakeTimeInMinutes: 0, canaryConfiguration, lifecycleHooks }, 'canary')
      await answer('CONTINUE', 0)
      // The hook comes again before the rest is shifted.
      await waitFor('the canary answers some', () => {
        const now = traffic.counts().texts
        return (now['canary'] ?? 0) > 50 && Object.keys(now).length > Object.keys(before).length ? true : undefined
      })
      await answer('ROLLBACK', 20)
      const { statusReason } = await over('ROLLBACK_SUCCESSFUL')
      assert.equal(
        statusReason,
        'Service deployment rolled back because PRE_PRODUCTION_TRAFFIC_SHIFT lifecycle hook(s) failed.',
      )
      await answersOnly(traffic, `green${SHIFTS}`)
    }),
  )
})

/** Answers the hook that is waited for while the new revision has this share of the traffic. */
const answer = async (action: DeploymentLifecycleHookAction, share: number): Promise<void> => {
  const found = await waitFor(
    'a hook awaits an answer',
    async () => {
      const { serviceDeploymentArn, targetServiceRevision, lifecycleHookDetails = [] } = (await newest()) ?? {}
      const hook = lifecycleHookDetails.find(({ status }) => status === 'AWAITING_ACTION')
      const isIt = targetServiceRevision?.requestedProductionTrafficWeight === share
      return hook && isIt ? { serviceDeploymentArn, hookId: hook.hookId } : undefined
    },
    DEPLOYED_WITHIN_MS,
  )
  await stowage.ecs.send(new ContinueServiceDeploymentCommand({ ...found, action }))
}
