// A service on FARGATE as AWS's own tutorial makes it, by the SDK against a whole `stowage up` with simulated instances: the
// definition as it is printed there, its network, its tasks' interfaces, and what is refused.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ECS_AWSCLI_Fargate.html
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { type Stowage, startStowage } from '../e2e/stowage.ts'

const PAGE =
  '<html> <head> <title>Amazon ECS Sample App</title> <style>body {margin-top: 40px; background-color: #333;} </style> </head><body> <div style=color:white;text-align:center> <h1>Amazon ECS Sample App</h1> <h2>Congratulations!</h2> <p>Your application is now running on a container in Amazon ECS.</p> </div></body></html>'
const sample: ecs.RegisterTaskDefinitionCommandInput = {
  family: 'sample-fargate',
  networkMode: 'awsvpc',
  containerDefinitions: [
    {
      name: 'fargate-app',
      image: 'public.ecr.aws/docker/library/httpd:latest',
      portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
      essential: true,
      entryPoint: ['sh', '-c'],
      command: [`/bin/sh -c "echo '${PAGE}' >  /usr/local/apache2/htdocs/index.html && httpd-foreground"`],
    },
  ],
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
}
const networkConfiguration = {
  awsvpcConfiguration: {
    subnets: ['subnet-abcd1234'],
    securityGroups: ['sg-abcd1234'],
    assignPublicIp: 'ENABLED' as const,
  },
}

let stowage: Stowage
let client: ecs.ECSClient
before(async () => {
  stowage = await startStowage({ runtime: 'fake' })
  client = stowage.ecs
  await client.send(new ecs.RegisterTaskDefinitionCommand(sample))
})
after(() => stowage?.dispose())

const wait = () => ({ client, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.1 })

test('the tutorial: cluster, service, tasks with an address, and the way back', async () => {
  const cluster = 'fargate-cluster'
  await client.send(new ecs.CreateClusterCommand({ clusterName: cluster }))
  const { service } = await client.send(
    new ecs.CreateServiceCommand({
      cluster,
      serviceName: 'fargate-service',
      taskDefinition: 'sample-fargate:1',
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration,
    }),
  )
  assert.deepEqual(
    [service?.launchType, service?.platformVersion, service?.platformFamily],
    ['FARGATE', 'LATEST', 'Linux'],
  )
  assert.deepEqual(service?.networkConfiguration, networkConfiguration)
  const services = ['fargate-service']
  await ecs.waitUntilServicesStable(wait(), { cluster, services })
  const { taskArns } = await client.send(new ecs.ListTasksCommand({ cluster, serviceName: 'fargate-service' }))
  const { tasks = [] } = await client.send(new ecs.DescribeTasksCommand({ cluster, tasks: taskArns }))
  assert.equal(tasks.length, 2)
  for (const task of tasks) {
    const [eni] = task.attachments ?? []
    assert.deepEqual([eni?.type, eni?.status], ['ElasticNetworkInterface', 'ATTACHED'])
    assert.deepEqual(
      eni?.details?.map(({ name }) => name),
      ['subnetId', 'networkInterfaceId', 'macAddress', 'privateDnsName', 'privateIPv4Address'],
    )
    const [container] = task.containers ?? []
    assert.equal(task.containers?.length, 1)
    assert.deepEqual(container?.networkBindings, [])
    const privateIpv4Address = eni?.details?.at(-1)?.value
    assert.deepEqual(container?.networkInterfaces, [{ attachmentId: eni?.id, privateIpv4Address }])
    assert.deepEqual([task.launchType, task.containerInstanceArn], ['FARGATE', undefined])
  }
  const addresses = tasks.map(task => task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address)
  assert.equal(new Set(addresses).size, 2)
  await client.send(new ecs.UpdateServiceCommand({ cluster, service: 'fargate-service', desiredCount: 0 }))
  await ecs.waitUntilTasksStopped(wait(), { cluster, tasks: taskArns })
  const over = await client.send(new ecs.DescribeTasksCommand({ cluster, tasks: taskArns }))
  assert.deepEqual(
    over.tasks?.map(task => task.attachments?.[0]?.status),
    ['DELETED', 'DELETED'],
  )
  await client.send(new ecs.DeleteServiceCommand({ cluster, service: 'fargate-service' }))
  await ecs.waitUntilServicesInactive(wait(), { cluster, services })
})

test('the same definition on an instance of the cluster', async () => {
  const onEc2 = { awsvpcConfiguration: { subnets: ['subnet-abcd1234'] } }
  const input = { taskDefinition: 'sample-fargate', networkConfiguration: onEc2 }
  const { tasks = [], failures } = await client.send(new ecs.RunTaskCommand(input))
  assert.deepEqual(failures, [])
  const [task] = tasks
  assert.ok(task?.containerInstanceArn)
  assert.equal(task.attachments?.[0]?.status, 'PRECREATED')
  await ecs.waitUntilTasksRunning(wait(), { tasks: [task.taskArn ?? ''] })
})

test('what is refused', async () => {
  const run = (change: object) =>
    client.send(
      new ecs.RunTaskCommand({
        taskDefinition: 'sample-fargate',
        launchType: 'FARGATE',
        networkConfiguration,
        ...change,
      }),
    )
  const none = { networkConfiguration: undefined }
  await assert.rejects(run(none), {
    name: 'InvalidParameterException',
    message: "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
  })
  await assert.rejects(run({ networkConfiguration: { awsvpcConfiguration: { subnets: [] } } }), {
    name: 'InvalidParameterException',
  })
  const bridge = { family: 'bridge', containerDefinitions: [{ name: 'a', image: 'fake/run', memory: 64 }] }
  await client.send(new ecs.RegisterTaskDefinitionCommand(bridge))
  await assert.rejects(run({ taskDefinition: 'bridge', launchType: 'EC2' }), {
    name: 'InvalidParameterException',
    message: 'Network Configuration is not valid for the given networkMode of this task definition.',
  })
  await assert.rejects(run({ taskDefinition: 'bridge', ...none }), {
    name: 'InvalidParameterException',
    message: 'Task definition does not support launch_type FARGATE.',
  })
  await assert.rejects(client.send(new ecs.RegisterTaskDefinitionCommand({ ...sample, memory: '300' })), {
    name: 'ClientException',
    message: 'No Fargate configuration exists for given values.',
  })
  const logConfiguration = { logDriver: 'awslogs' as const, options: { 'awslogs-group': 'a', 'awslogs-region': 'b' } }
  const containerDefinitions = [{ ...sample.containerDefinitions?.[0], logConfiguration }]
  const executionRoleArn = 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole'
  const logged = { ...sample, containerDefinitions, executionRoleArn } as ecs.RegisterTaskDefinitionCommandInput
  await assert.rejects(client.send(new ecs.RegisterTaskDefinitionCommand(logged)), {
    name: 'ClientException',
    message: /^Stowage does not support 'logConfiguration.logDriver' awslogs yet/,
  })
})
