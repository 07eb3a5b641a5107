// The walk with the AWS CLI as people install it (Debian's, 2.9): nothing but endpoint and keys set.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { waitUntilServicesInactive, waitUntilServicesStable } from '@aws-sdk/client-ecs'
import { webTask } from './definitions.ts'
import { runCommand } from './run-command.ts'
import { KEYS, REGION, type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

const AWS = '/usr/bin/aws'
const skip = existsSync(AWS) ? false : `there is no ${AWS} here (package awscli)`
let stowage: Stowage

before(async () => {
  if (skip) return
  await ensureTestImage(testDocker())
  stowage = await startStowage()
})
after(async () => {
  if (!skip) await stowage?.dispose()
})

const run = (...args: string[]) => {
  const env = {
    PATH: process.env['PATH'],
    HOME: stowage.dataDir,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_REGION: REGION,
    AWS_PAGER: '',
  }
  return runCommand(AWS, ['--endpoint-url', stowage.endpoint, ...args], { env })
}
/** Its answer as JSON; what it prints nothing for (a waiter) is undefined. */
const ecs = async (...args: string[]) => {
  const { code, stdout, stderr } = await run('ecs', ...args)
  assert.equal(code, 0, `aws ecs ${args.join(' ')}: ${stderr}`)
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}
const running = (service: string) => ecs('list-tasks', '--service-name', service).then(answer => answer.taskArns)
const register = async (text: string): Promise<string> => {
  const definition = JSON.stringify(webTask('cli-web', text))
  const answer = await ecs('register-task-definition', '--cli-input-json', definition)
  return answer.taskDefinition.taskDefinitionArn
}

test('sts get-caller-identity', { skip }, async () => {
  const { stdout } = await run('sts', 'get-caller-identity')
  assert.equal(JSON.parse(stdout).Account, stowage.accountId)
})

test('clusters', { skip }, async () => {
  const made = await ecs('create-cluster', '--cluster-name', 'cli')
  assert.equal(made.cluster.status, 'ACTIVE')
  assert.equal((await ecs('list-clusters')).clusterArns.length, 2)
  assert.equal((await ecs('describe-clusters', '--clusters', 'cli')).clusters[0].clusterName, 'cli')
})

test('tasks: run, wait, look, stop', { skip }, async () => {
  assert.match(await register('one'), /task-definition\/cli-web:1$/)
  const { tasks, failures } = await ecs('run-task', '--task-definition', 'cli-web', '--started-by', 'me')
  assert.deepEqual(failures, [])
  const arn: string = tasks[0].taskArn
  await ecs('wait', 'tasks-running', '--tasks', arn)
  const described = await ecs('describe-tasks', '--tasks', arn)
  const port = described.tasks[0].containers[0].networkBindings[0].hostPort
  const page = await waitFor('the container answers', () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      answer => answer.text(),
      () => undefined,
    ),
  )
  assert.equal(page, 'one\n')
  assert.deepEqual((await ecs('list-tasks', '--started-by', 'me')).taskArns, [arn])
  const stopped = await ecs('stop-task', '--task', arn, '--reason', 'enough')
  assert.equal(stopped.task.desiredStatus, 'STOPPED')
  await ecs('wait', 'tasks-stopped', '--tasks', arn)
  assert.equal((await ecs('describe-tasks', '--tasks', arn)).tasks[0].stoppedReason, 'enough')
})

const services = ['web']
const soon = () => ({ client: stowage.ecs, maxWaitTime: 240, minDelay: 0.5, maxDelay: 0.5 })
/** The CLI's waiter looks every 15 s: it is asked when it is to find so. */
const steady = async () => {
  await waitUntilServicesStable(soon(), { services })
  await ecs('wait', 'services-stable', '--services', 'web')
}

test('a service: created, scaled both ways, rolled, deleted', { skip }, async () => {
  await ecs('create-service', '--service-name', 'web', '--task-definition', 'cli-web', '--desired-count', '1')
  await ecs('wait', 'services-stable', '--services', 'web')
  await ecs('update-service', '--service', 'web', '--desired-count', '3')
  await steady()
  assert.equal((await running('web')).length, 3)
  const second = await register('two')
  await ecs('update-service', '--service', 'web', '--task-definition', 'cli-web')
  await steady()
  const rolled = await ecs('describe-tasks', '--tasks', ...(await running('web')))
  for (const task of rolled.tasks) assert.equal(task.taskDefinitionArn, second)
  await ecs('update-service', '--service', 'web', '--desired-count', '1')
  await steady()
  const described = await ecs('describe-services', '--services', 'web')
  assert.equal(described.services[0].runningCount, 1)
  await ecs('delete-service', '--service', 'web', '--force')
  await waitUntilServicesInactive(soon(), { services })
  await ecs('wait', 'services-inactive', '--services', 'web')
})

test('what AWS refuses is refused, with its words', { skip }, async () => {
  const refused = await run('ecs', 'describe-task-definition', '--task-definition', 'absent')
  assert.notEqual(refused.code, 0)
  assert.match(
    refused.stderr,
    /\(ClientException\).*DescribeTaskDefinition operation: Unable to describe task definition\./,
  )
  const busy = await run('ecs', 'delete-cluster', '--cluster', 'default')
  assert.match(busy.stderr, /ClusterContainsContainerInstancesException/)
  assert.equal((await ecs('delete-cluster', '--cluster', 'cli')).cluster.status, 'INACTIVE')
})
