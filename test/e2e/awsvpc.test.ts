// Network mode awsvpc on real containers: a FARGATE service of an everyday task definition, each task at an address of its own
// that its containers share; kill -9 of Stowage; the end of a task; and that nothing is left. Its sandboxes need no image that
// is there already.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
  waitUntilServicesInactive,
  waitUntilServicesStable,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs'
import { contains, parseCidr } from '../../src/domain/network.ts'
import { NETWORK_LABEL } from '../../src/runtime/docker/networks.ts'
import { IDLE } from './definitions.ts'
import { percentile } from './percentile.ts'
import { killOne, runningTasks } from './service-tasks.ts'
import { inspectAll, KEYS, REGION, type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, TEST_IMAGE, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const LAUNCHES = 5
const docker = testDocker()
let stowage: Stowage

const serve = (text: string, port: number) => `trap "exit 0" TERM; cd /tmp; ${text}; httpd -f -p ${port} & wait`
/** The second container serves what it has read from the first one on localhost. */
const web = {
  family: 'web',
  requiresCompatibilities: ['FARGATE' as const],
  networkMode: 'awsvpc' as const,
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
  runtimePlatform: { cpuArchitecture: 'X86_64' as const, operatingSystemFamily: 'LINUX' as const },
  containerDefinitions: [
    {
      name: 'web',
      image: TEST_IMAGE,
      essential: true,
      portMappings: [{ containerPort: 80, protocol: 'tcp' as const }],
      command: ['sh', '-c', serve('echo hello from web >index.html', 80)],
    },
    {
      name: 'side',
      image: TEST_IMAGE,
      essential: true,
      portMappings: [{ containerPort: 8081 }],
      command: [
        'sh',
        '-c',
        serve('until busybox wget -qO index.html http://localhost:80/; do busybox sleep 0.1; done', 8081),
      ],
    },
  ],
}
const idle = {
  ...web,
  family: 'idle',
  containerDefinitions: [{ name: 'idle', image: TEST_IMAGE, command: IDLE }],
}
const networkConfiguration = {
  awsvpcConfiguration: {
    subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    securityGroups: ['sg-0123456789abcdef0'],
    assignPublicIp: 'ENABLED' as const,
  },
}
const onFargate = { launchType: 'FARGATE' as const, networkConfiguration }

before(async () => {
  await ensureTestImage(docker)
  stowage = await startStowage()
  for (const definition of [web, idle]) await stowage.ecs.send(new RegisterTaskDefinitionCommand(definition))
})
after(() => stowage?.dispose())

const wait = () => ({ client: stowage.ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 })
const addressOf = (task: Task): string => task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? ''
const look = async (taskArn: string | undefined): Promise<Task> => {
  const { tasks = [] } = await stowage.ecs.send(new DescribeTasksCommand({ tasks: [taskArn ?? ''] }))
  assert(tasks[0])
  return tasks[0]
}
const read = (url: string): Promise<string> =>
  waitFor(`${url} answers`, () =>
    fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      async answer => (answer.ok ? await answer.text() : undefined),
      () => undefined,
    ),
  )
const answers = async (task: Task): Promise<void> => {
  for (const port of [80, 8081]) assert.equal(await read(`http://${addressOf(task)}:${port}/`), 'hello from web\n')
}

test('a FARGATE service: an address a task, localhost for its containers', async () => {
  const service = { serviceName: 'web', taskDefinition: 'web', desiredCount: 2, ...onFargate }
  await stowage.ecs.send(new CreateServiceCommand(service))
  await waitUntilServicesStable(wait(), { services: ['web'] })
  const tasks = await runningTasks(stowage.ecs, 'web')
  assert.equal(new Set(tasks.map(addressOf)).size, 2)
  for (const task of tasks) {
    const [attachment] = task.attachments ?? []
    const details = new Map(attachment?.details?.map(({ name, value }) => [name, value]))
    assert.equal(attachment?.status, 'ATTACHED')
    assert.equal(details.get('privateIPv4Address'), addressOf(task))
    assert(networkConfiguration.awsvpcConfiguration.subnets.includes(details.get('subnetId') ?? ''))
    assert.match(details.get('networkInterfaceId') ?? '', /^eni-[0-9a-f]{17}$/)
    assert.deepEqual(
      task.containers?.map(container => container.networkInterfaces),
      [0, 1].map(() => [{ attachmentId: attachment.id, privateIpv4Address: addressOf(task) }]),
    )
    await answers(task)
    const arp = await sandboxOf(task)
    assert.equal(details.get('macAddress'), arp.NetworkSettings.Networks['bridge']?.MacAddress)
  }
})

/** What the engine has under the task's sandbox. */
const sandboxOf = async ({ taskArn }: Task) => {
  const label = [`com.amazonaws.ecs.task-arn=${taskArn}`, 'stowage.container-type=CNI_PAUSE']
  const found = await docker.listContainers({ all: true, filters: { label } })
  assert.equal(found.length, 1)
  return docker.getContainer(found[0]?.Id ?? '').inspect()
}

const containersNow = async (): Promise<readonly string[]> => {
  const infos = await inspectAll(stowage)
  return infos.map(info => `${info.Name} ${info.Id} ${info.State.Status} ${info.State.StartedAt}`).sort()
}

test('kill -9 of Stowage: every container goes on, the sandboxes too', async () => {
  const before = await containersNow()
  assert.equal(before.length, 6)
  const tasks = await runningTasks(stowage.ecs, 'web')
  for (let round = 0; round < 3; round++) {
    await stowage.kill()
    await stowage.start()
    await stowage.connected()
    assert.deepEqual(await containersNow(), before)
  }
  for (const task of await runningTasks(stowage.ecs, 'web')) {
    assert(tasks.some(each => addressOf(each) === addressOf(task)))
    await answers(task)
  }
})

test('a container that dies takes its task along; another one takes its place', async () => {
  const [victim, other] = await runningTasks(stowage.ecs, 'web')
  assert(victim && other)
  await killOne([victim])
  const tasks = await waitFor('the replacement runs', async () => {
    const now = await runningTasks(stowage.ecs, 'web')
    return now.length === 2 && now.every(({ taskArn }) => taskArn !== victim.taskArn) ? now : undefined
  })
  for (const task of tasks) await answers(task)
  await waitUntilTasksStopped(wait(), { tasks: [victim.taskArn ?? ''] })
  assert.equal((await look(victim.taskArn)).attachments?.[0]?.status, 'DELETED')
  assert.equal((await sandboxOf(victim)).State.Running, false)
  // Its sandbox killed behind its back, a task has no network any more, and ends.
  await docker.getContainer((await sandboxOf(other)).Id).kill()
  await waitFor('its end', async () => (await look(other.taskArn)).lastStatus === 'STOPPED' || undefined)
})

test('from RunTask to RUNNING, one at a time', async t => {
  await stowage.ecs.send(new UpdateServiceCommand({ service: 'web', desiredCount: 0 }))
  await waitUntilServicesStable(wait(), { services: ['web'] })
  const took: number[] = []
  for (let launch = 0; launch < LAUNCHES; launch++) {
    const begun = Date.now()
    const { tasks = [] } = await stowage.ecs.send(new RunTaskCommand({ taskDefinition: 'idle', ...onFargate }))
    const { taskArn, attachments } = tasks[0] ?? {}
    assert.deepEqual(
      [attachments?.[0]?.status, attachments?.[0]?.details?.map(({ name }) => name)],
      ['PRECREATED', ['subnetId']],
    )
    await waitFor('it runs', async () => (await look(taskArn)).lastStatus === 'RUNNING' || undefined)
    took.push(Date.now() - begun)
    await stowage.ecs.send(new StopTaskCommand({ task: taskArn }))
    await waitUntilTasksStopped({ ...wait(), minDelay: 0.1, maxDelay: 0.1 }, { tasks: [taskArn ?? ''] })
  }
  t.diagnostic(`RunTask to RUNNING: p50 ${percentile(took, 0.5)} ms, p95 ${percentile(took, 0.95)} ms`)
})

test('nothing runs when the service is gone', async () => {
  await stowage.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
  await waitUntilServicesInactive(wait(), { services: ['web'] })
  const infos = await inspectAll(stowage)
  assert.deepEqual(
    infos.filter(info => info.State.Running).map(info => info.Name),
    [],
  )
})

test('a task in a subnet has an address of it; its network goes with the last of them', async () => {
  const ec2 = new EC2Client({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS })
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  ec2.destroy()
  const [subnet] = Subnets
  const { SubnetId = '', CidrBlock = '' } = subnet ?? {}
  const { tasks = [] } = await stowage.ecs.send(
    new RunTaskCommand({
      taskDefinition: 'web',
      launchType: 'FARGATE',
      count: 2,
      networkConfiguration: { awsvpcConfiguration: { subnets: [SubnetId] } },
    }),
  )
  const arns = tasks.map(({ taskArn = '' }) => taskArn)
  const running = await waitFor('both run', async () => {
    const { tasks: seen = [] } = await stowage.ecs.send(new DescribeTasksCommand({ tasks: arns }))
    return seen.every(task => task.lastStatus === 'RUNNING') ? seen : undefined
  })
  const block = parseCidr(CidrBlock)
  const addresses = running.map(addressOf)
  for (const task of running) {
    const own = parseCidr(`${addressOf(task)}/32`)
    assert(block && own && contains(block, own), `${addressOf(task)} is not in ${CidrBlock}`)
    await answers(task)
  }
  assert.equal(new Set(addresses).size, 2)
  for (const task of arns) await stowage.ecs.send(new StopTaskCommand({ task }))
  await waitUntilTasksStopped(wait(), { tasks: arns })
  await waitFor('the network is gone', async () => {
    const left = await docker.listNetworks({ filters: { label: [`${NETWORK_LABEL}=${CidrBlock}`] } })
    return left.length === 0 || undefined
  })
})
