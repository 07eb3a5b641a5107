// Services, their deployments and revisions.
import * as ecs from '@aws-sdk/client-ecs'
import { waitFor } from '../../e2e/wait-for.ts'
import { answers, missing, NO_CLUSTER, NO_SERVICE, refuses } from './case.ts'
import { onFargate } from './tasks.ts'
import type { World } from './world.ts'

const INVALID = 'InvalidParameterException'
const NOT_FOUND = 'ClusterNotFoundException'
const UNSUPPORTED = 'UnsupportedFeatureException'
const NO_PLATFORM = 'The specified platform does not exist.'
const none = { cluster: 'none' }
const asked = { serviceName: 'made', taskDefinition: 'free', desiredCount: 0 }

export const serviceCases = [
  answers('CreateService', asked, w => ({
    service: { serviceArn: w.arn('service/default/made'), status: 'ACTIVE', schedulingStrategy: 'REPLICA' },
  })),
  refuses('CreateService', 'ClientException', 'TaskDefinition not found.', { ...asked, taskDefinition: 'none' }),
  refuses('CreateService', NOT_FOUND, NO_CLUSTER, { ...asked, ...none }),
  refuses('CreateService', INVALID, 'Creation of service was not idempotent.', {
    serviceName: 'web',
    taskDefinition: 'free',
    desiredCount: 7,
  }),
  refuses('CreateService', INVALID, 'A service can have at most 5000 tasks.', { ...asked, desiredCount: 5_001 }),
  refuses('CreateService', INVALID, missing('serviceName'), { taskDefinition: 'free' }),
  refuses('CreateService', 'PlatformUnknownException', NO_PLATFORM, async w => ({
    ...asked,
    ...(await onFargate(w.client, 'sized-service')),
    platformVersion: '0.1.0',
  })),
  refuses('CreateService', UNSUPPORTED, "Stowage does not support 'vpcLatticeConfigurations' yet.", {
    ...asked,
    vpcLatticeConfigurations: [{ roleArn: 'role', targetGroupArn: 'group', portName: 'web' }],
  }),

  answers('DescribeServices', { services: ['web', 'none'] }, w => ({
    services: [{ serviceName: 'web', runningCount: 1, desiredCount: 1 }],
    failures: [{ arn: w.arn('service/default/none'), reason: 'MISSING' }],
  })),
  refuses('DescribeServices', NOT_FOUND, NO_CLUSTER, { ...none, services: ['web'] }),
  refuses('DescribeServices', INVALID, 'Services cannot be empty.', { services: [] }),

  answers('ListServices', { cluster: 'serving' }, w => ({ serviceArns: [w.arn('service/serving/idle')] })),
  refuses('ListServices', NOT_FOUND, NO_CLUSTER, none),
  refuses('ListServices', INVALID, 'maxResults must be from 1 to 100.', { maxResults: 101 }),

  refuses('ListServicesByNamespace', 'NamespaceNotFoundException', 'The namespace internal was not found.', {
    namespace: 'internal',
  }),
  refuses('ListServicesByNamespace', INVALID, 'Namespace can not be blank.', { namespace: '' }),

  answers(
    'UpdateService',
    { service: 'web', healthCheckGracePeriodSeconds: 5 },
    {
      service: { serviceName: 'web', healthCheckGracePeriodSeconds: 5 },
    },
  ),
  refuses('UpdateService', 'ClientException', 'TaskDefinition not found.', { service: 'web', taskDefinition: 'none' }),
  refuses('UpdateService', NOT_FOUND, NO_CLUSTER, { ...none, service: 'web' }),
  refuses('UpdateService', 'ServiceNotFoundException', NO_SERVICE, { service: 'none' }),
  refuses('UpdateService', 'ServiceNotActiveException', 'Service was not ACTIVE.', { service: 'over' }),
  refuses('UpdateService', INVALID, 'Desired count must not be negative.', { service: 'web', desiredCount: -1 }),
  refuses('UpdateService', UNSUPPORTED, "Stowage does not support 'enableExecuteCommand' yet.", {
    service: 'web',
    enableExecuteCommand: true,
  }),
  refuses('UpdateService', 'PlatformUnknownException', NO_PLATFORM, async w => {
    const launch = await onFargate(w.client, 'sized-update')
    const service = 'on-fargate'
    await w.client.send(new ecs.CreateServiceCommand({ ...launch, serviceName: service, desiredCount: 0 }))
    return { service, platformVersion: '0.1.0' }
  }),

  answers(
    'DeleteService',
    async w => {
      const service = 'leaving'
      await w.client.send(new ecs.CreateServiceCommand({ ...asked, serviceName: service }))
      return { service }
    },
    { service: { serviceName: 'leaving', status: 'DRAINING' } },
  ),
  refuses('DeleteService', NOT_FOUND, NO_CLUSTER, { ...none, service: 'web' }),
  refuses('DeleteService', 'ServiceNotFoundException', NO_SERVICE, { service: 'none' }),
  refuses('DeleteService', INVALID, 'The service cannot be stopped while it is scaled above 0.', { service: 'web' }),
]

/** The newest service deployment of a service that waits at a pause hook, and which hook. */
const paused = async ({ client }: World, service: string) => {
  const hook = { targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] } as const
  const lifecycleHooks = [{ ...hook, lifecycleStages: [...hook.lifecycleStages] }]
  const deploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0, lifecycleHooks } as const
  await client.send(new ecs.CreateServiceCommand({ ...asked, serviceName: service, deploymentConfiguration }))
  return waitFor(`the deployment of ${service} waits`, async () => {
    const { serviceDeployments: [newest] = [] } = await client.send(new ecs.ListServiceDeploymentsCommand({ service }))
    const serviceDeploymentArn = newest?.serviceDeploymentArn ?? ''
    const { serviceDeployments: [found] = [] } = await client.send(
      new ecs.DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] }),
    )
    const waiting = found?.lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION')
    return waiting && { serviceDeploymentArn, hookId: waiting.hookId }
  })
}

const notAnArnOf = (kind: string): string => `Invalid identifier: arn:of:${kind}`

export const deploymentCases = [
  answers('ListServiceDeployments', { service: 'web' }, w => ({
    serviceDeployments: [
      { serviceDeploymentArn: w.deployment, status: 'SUCCESSFUL', targetServiceRevisionArn: w.revision },
    ],
  })),
  refuses('ListServiceDeployments', NOT_FOUND, NO_CLUSTER, { ...none, service: 'web' }),
  refuses('ListServiceDeployments', 'ServiceNotFoundException', NO_SERVICE, { service: 'none' }),
  refuses('ListServiceDeployments', INVALID, 'maxResults must be from 1 to 100.', { service: 'web', maxResults: 0 }),

  answers(
    'DescribeServiceDeployments',
    w => ({ serviceDeploymentArns: [w.deployment] }),
    w => ({
      serviceDeployments: [{ serviceDeploymentArn: w.deployment, status: 'SUCCESSFUL' }],
      failures: [],
    }),
  ),
  refuses('DescribeServiceDeployments', INVALID, notAnArnOf('deployment'), {
    serviceDeploymentArns: ['arn:of:deployment'],
  }),
  refuses('DescribeServiceDeployments', NOT_FOUND, NO_CLUSTER, w => ({
    serviceDeploymentArns: [w.arn('service-deployment/none/web/1')],
  })),
  refuses('DescribeServiceDeployments', 'ServiceNotFoundException', NO_SERVICE, w => ({
    serviceDeploymentArns: [w.arn('service-deployment/default/none/1')],
  })),

  answers(
    'DescribeServiceRevisions',
    w => ({ serviceRevisionArns: [w.revision] }),
    w => ({
      serviceRevisions: [{ serviceRevisionArn: w.revision, taskDefinition: w.arn('task-definition/free:1') }],
      failures: [],
    }),
  ),
  refuses('DescribeServiceRevisions', INVALID, notAnArnOf('revision'), { serviceRevisionArns: ['arn:of:revision'] }),
  refuses('DescribeServiceRevisions', NOT_FOUND, NO_CLUSTER, w => ({
    serviceRevisionArns: [w.arn('service-revision/none/web/1')],
  })),
  refuses('DescribeServiceRevisions', 'ServiceNotFoundException', NO_SERVICE, w => ({
    serviceRevisionArns: [w.arn('service-revision/default/none/1')],
  })),

  answers(
    'ContinueServiceDeployment',
    async w => ({ ...(await paused(w, 'paused')), action: 'CONTINUE' as const }),
    {},
  ),
  refuses(
    'ContinueServiceDeployment',
    'ServiceDeploymentNotFoundException',
    'The service deployment does not exist.',
    w => ({ serviceDeploymentArn: w.arn('service-deployment/default/web/1'), hookId: 'ecs-pause-1' }),
  ),
  refuses(
    'ContinueServiceDeployment',
    INVALID,
    'Continuing a service deployment is not allowed for service deployment in terminal states.',
    w => ({ serviceDeploymentArn: w.deployment, hookId: 'ecs-pause-1' }),
  ),

  answers(
    'StopServiceDeployment',
    async w => {
      const service = 'stopped'
      const { client } = w
      await client.send(new ecs.CreateServiceCommand({ ...asked, serviceName: service, placementConstraints: [] }))
      // Nobody can hold what it asks for: it is still in progress.
      const placementConstraints = [{ type: 'memberOf', expression: 'agentVersion > 1000' }] as const
      await client.send(
        new ecs.UpdateServiceCommand({
          service,
          desiredCount: 1,
          forceNewDeployment: true,
          placementConstraints: [...placementConstraints],
        }),
      )
      const { serviceDeployments: [newest] = [] } = await client.send(
        new ecs.ListServiceDeploymentsCommand({ service }),
      )
      return { serviceDeploymentArn: newest?.serviceDeploymentArn, stopType: 'ABORT' as const }
    },
    {},
  ),
  refuses(
    'StopServiceDeployment',
    'ConflictException',
    'The service deployment cannot be stopped: it is SUCCESSFUL.',
    w => ({ serviceDeploymentArn: w.deployment }),
  ),
  refuses('StopServiceDeployment', 'ServiceDeploymentNotFoundException', 'Service deployment not found.', w => ({
    serviceDeploymentArn: w.arn('service-deployment/default/web/1'),
  })),
  refuses('StopServiceDeployment', INVALID, notAnArnOf('deployment'), { serviceDeploymentArn: 'arn:of:deployment' }),
]
