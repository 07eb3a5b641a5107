// Daemons and their task definitions. Those of the rows have a provider without instances: there is nothing for them to run on.
import * as ecs from '@aws-sdk/client-ecs'
import { answers, NO_CLUSTER, refuses } from './case.ts'
import type { World } from './world.ts'

const INVALID = 'InvalidParameterException'
const NOT_FOUND = 'ClusterNotFoundException'
const UNSUPPORTED = 'UnsupportedFeatureException'
const NO_DAEMON = 'DaemonNotFoundException'

const containerDefinitions = [{ name: 'main', image: 'fake/run', memory: 16 }]
const CLUSTER = 'watched'
const PROVIDER = 'vacant'

/** A family's next revision. */
const definition = async ({ client }: World, family = 'daemon'): Promise<string> => {
  const answer = await client.send(new ecs.RegisterDaemonTaskDefinitionCommand({ family, containerDefinitions }))
  return answer.daemonTaskDefinitionArn ?? ''
}

const refusesAnothersArn = (operation: 'DescribeDaemonTaskDefinition' | 'DeleteDaemonTaskDefinition') =>
  refuses(
    operation,
    INVALID,
    w => `Invalid identifier: ${w.arn('cluster/default')} is not the ARN of a daemon task definition`,
    w => ({ daemonTaskDefinition: w.arn('cluster/default') }),
  )

const input = async (w: World, daemonName: string) => ({
  daemonName,
  clusterArn: w.arn(`cluster/${CLUSTER}`),
  daemonTaskDefinitionArn: await definition(w),
  capacityProviderArns: [w.arn(`capacity-provider/${PROVIDER}`)],
})

const made = async (w: World, daemonName: string) => {
  const answer = await w.client.send(new ecs.CreateDaemonCommand(await input(w, daemonName)))
  return { daemonArn: answer.daemonArn ?? '', deploymentArn: answer.deploymentArn ?? '' }
}

const revisionOf = async (w: World, daemonName: string): Promise<string> => {
  const { daemonArn } = await made(w, daemonName)
  const { daemon } = await w.client.send(new ecs.DescribeDaemonCommand({ daemonArn }))
  return daemon?.currentRevisions?.[0]?.arn ?? ''
}

const changed = async (w: World, daemonArn: string) => ({
  daemonArn,
  daemonTaskDefinitionArn: await definition(w),
  capacityProviderArns: [PROVIDER],
})

const arnOf = (w: World, name: string) => w.arn(`daemon/${CLUSTER}/${name}`)
const elsewhere = (w: World) => w.arn('daemon/none/none')
const noArn = 'Invalid identifier: web'

export const daemonCases = [
  answers(
    'CreateDaemon',
    w => input(w, 'made'),
    w => ({ daemonArn: arnOf(w, 'made'), status: 'ACTIVE' }),
  ),
  refuses('CreateDaemon', INVALID, 'Daemon name can not be blank.', async w => ({ ...(await input(w, '')) })),
  refuses('CreateDaemon', NOT_FOUND, NO_CLUSTER, async w => ({
    ...(await input(w, 'a')),
    clusterArn: w.arn('cluster/none'),
  })),
  refuses('CreateDaemon', 'ClientException', 'Daemon task definition not found.', async w => ({
    ...(await input(w, 'a')),
    daemonTaskDefinitionArn: w.arn('daemon-task-definition/none:1'),
  })),
  refuses('CreateDaemon', UNSUPPORTED, "Stowage does not support 'enableExecuteCommand' yet.", async w => ({
    ...(await input(w, 'a')),
    enableExecuteCommand: true,
  })),

  answers(
    'DescribeDaemon',
    async w => ({ daemonArn: (await made(w, 'described')).daemonArn }),
    w => ({ daemon: { daemonArn: arnOf(w, 'described'), status: 'ACTIVE' } }),
  ),
  refuses('DescribeDaemon', INVALID, noArn, { daemonArn: 'web' }),
  refuses('DescribeDaemon', NO_DAEMON, 'Daemon not found.', w => ({ daemonArn: arnOf(w, 'none') })),
  refuses('DescribeDaemon', NOT_FOUND, NO_CLUSTER, w => ({ daemonArn: elsewhere(w) })),

  answers(
    'ListDaemons',
    async w => {
      await made(w, 'listed')
      return { clusterArn: w.arn(`cluster/${CLUSTER}`) }
    },
    {},
  ),
  refuses('ListDaemons', NOT_FOUND, NO_CLUSTER, w => ({ clusterArn: w.arn('cluster/none') })),
  refuses('ListDaemons', INVALID, 'Invalid token.', w => ({
    clusterArn: w.arn(`cluster/${CLUSTER}`),
    nextToken: 'none',
  })),

  answers(
    'UpdateDaemon',
    async w => changed(w, (await made(w, 'updated')).daemonArn),
    w => ({ daemonArn: arnOf(w, 'updated'), status: 'ACTIVE' }),
  ),
  refuses('UpdateDaemon', INVALID, noArn, w => changed(w, 'web')),
  refuses('UpdateDaemon', NO_DAEMON, 'Daemon not found.', w => changed(w, arnOf(w, 'none'))),
  refuses('UpdateDaemon', NOT_FOUND, NO_CLUSTER, w => changed(w, elsewhere(w))),
  refuses('UpdateDaemon', 'ClientException', 'Daemon task definition not found.', async w => ({
    ...(await changed(w, (await made(w, 'unchanged')).daemonArn)),
    daemonTaskDefinitionArn: w.arn('daemon-task-definition/none:1'),
  })),
  refuses('UpdateDaemon', UNSUPPORTED, "Stowage does not support 'enableExecuteCommand' yet.", async w => ({
    ...(await changed(w, arnOf(w, 'none'))),
    enableExecuteCommand: true,
  })),

  answers(
    'DeleteDaemon',
    async w => ({ daemonArn: (await made(w, 'deleted')).daemonArn }),
    w => ({ daemonArn: arnOf(w, 'deleted'), status: 'DELETE_IN_PROGRESS' }),
  ),
  refuses('DeleteDaemon', INVALID, noArn, { daemonArn: 'web' }),
  refuses('DeleteDaemon', NO_DAEMON, 'Daemon not found.', w => ({ daemonArn: arnOf(w, 'none') })),
  refuses('DeleteDaemon', NOT_FOUND, NO_CLUSTER, w => ({ daemonArn: elsewhere(w) })),

  answers(
    'DescribeDaemonDeployments',
    async w => ({ daemonDeploymentArns: [(await made(w, 'deployed')).deploymentArn] }),
    { failures: [] },
  ),
  refuses('DescribeDaemonDeployments', INVALID, 'Daemon deployment ARNs cannot be empty.', {
    daemonDeploymentArns: [],
  }),

  answers('DescribeDaemonRevisions', async w => ({ daemonRevisionArns: [await revisionOf(w, 'revised')] }), {
    failures: [],
  }),
  refuses('DescribeDaemonRevisions', INVALID, 'Daemon revision ARNs cannot be empty.', { daemonRevisionArns: [] }),

  answers('ListDaemonDeployments', async w => ({ daemonArn: (await made(w, 'rolled')).daemonArn }), {}),
  refuses('ListDaemonDeployments', INVALID, 'Daemon not found.', w => ({ daemonArn: arnOf(w, 'none') })),
  refuses('ListDaemonDeployments', NOT_FOUND, NO_CLUSTER, w => ({ daemonArn: elsewhere(w) })),
]

export const daemonTaskDefinitionCases = [
  answers('RegisterDaemonTaskDefinition', { family: 'shape', containerDefinitions }, w => ({
    daemonTaskDefinitionArn: w.arn('daemon-task-definition/shape:1'),
  })),
  refuses('RegisterDaemonTaskDefinition', 'ClientException', 'Family can not be blank.', {
    family: '',
    containerDefinitions,
  }),
  answers(
    'DescribeDaemonTaskDefinition',
    async w => ({ daemonTaskDefinition: await definition(w, 'shown') }),
    w => ({ daemonTaskDefinition: { daemonTaskDefinitionArn: w.arn('daemon-task-definition/shown:1'), revision: 1 } }),
  ),
  refuses('DescribeDaemonTaskDefinition', 'ClientException', 'Unable to describe daemon task definition.', {
    daemonTaskDefinition: 'none',
  }),
  refusesAnothersArn('DescribeDaemonTaskDefinition'),
  answers(
    'ListDaemonTaskDefinitions',
    async w => {
      await definition(w, 'among')
      return { family: 'among' }
    },
    w => ({ daemonTaskDefinitions: [{ arn: w.arn('daemon-task-definition/among:1') }] }),
  ),
  refuses('ListDaemonTaskDefinitions', INVALID, 'family and familyPrefix cannot be specified together.', {
    family: 'a',
    familyPrefix: 'a',
  }),
  answers(
    'DeleteDaemonTaskDefinition',
    async w => ({ daemonTaskDefinition: await definition(w, 'gone') }),
    w => ({ daemonTaskDefinitionArn: w.arn('daemon-task-definition/gone:1') }),
  ),
  refuses('DeleteDaemonTaskDefinition', 'ClientException', 'The specified daemon task definition does not exist.', {
    daemonTaskDefinition: 'none:1',
  }),
  refusesAnothersArn('DeleteDaemonTaskDefinition'),
]
