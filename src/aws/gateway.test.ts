import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { AwsError } from './error.ts'
import type { RequestContext } from './operation.ts'
import { startTestGateway, TEST_KEYS, type TestGateway } from './test-gateway.ts'

describe('SDK clients', () => {
  let gateway: TestGateway
  let ecs: ECSClient
  let sts: STSClient
  let context: RequestContext | undefined
  let input: unknown

  before(async () => {
    gateway = await startTestGateway({
      operations: {
        ListTasks: (request, given) => {
          context = request
          input = given
          return { taskArns: ['arn:aws:ecs:eu-west-1:0:task/default/0'] }
        },
        DescribeTasks: () => ({
          tasks: [{ taskArn: 'a', createdAt: new Date(1557119253821), containers: [{ exitCode: 0 }] }],
          failures: [{ arn: 'b', reason: 'MISSING' }],
        }),
        RegisterTaskDefinition: () => {
          throw new AwsError('ClientException', 'Family can not be blank.')
        },
        RunTask: () => {
          throw new AwsError('ConflictException', 'Used already.', { members: { resourceIds: ['a', 'b'] } })
        },
      },
    })
    const config = { endpoint: gateway.endpoint, region: 'ap-south-2', credentials: TEST_KEYS }
    ecs = new ECSClient(config)
    sts = new STSClient(config)
  })
  after(() => gateway.stop())

  test('a request reaches its operation with who, where and what', async () => {
    const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: 'a', desiredStatus: 'STOPPED', maxResults: 7 }))
    assert.deepEqual(taskArns, ['arn:aws:ecs:eu-west-1:0:task/default/0'])
    assert.deepEqual(input, { cluster: 'a', desiredStatus: 'STOPPED', maxResults: 7 })
    assert.equal(context?.region, 'ap-south-2')
    assert.equal(context?.endpoint, gateway.endpoint)
    assert.equal(context?.accountId, '000000000000')
    assert.equal(context?.caller.accessKeyId, TEST_KEYS.accessKeyId)
  })

  test('answers carry dates, lists and zeros', async () => {
    const { tasks, failures } = await ecs.send(new DescribeTasksCommand({ tasks: ['a'] }))
    assert.deepEqual(tasks, [{ taskArn: 'a', createdAt: new Date(1557119253821), containers: [{ exitCode: 0 }] }])
    assert.deepEqual(failures, [{ arn: 'b', reason: 'MISSING' }])
  })

  test('errors arrive as the exceptions that the SDK has for them', async () => {
    const register = ecs.send(new RegisterTaskDefinitionCommand({ family: '', containerDefinitions: [] }))
    await assert.rejects(register, { name: 'ClientException', message: 'Family can not be blank.', $fault: 'client' })
    const run = ecs.send(new RunTaskCommand({ taskDefinition: 'a' }))
    await assert.rejects(run, { name: 'ConflictException', resourceIds: ['a', 'b'] })
  })

  test('GetCallerIdentity', async () => {
    const { Account, Arn, UserId, $metadata } = await sts.send(new GetCallerIdentityCommand({}))
    assert.equal(Account, '000000000000')
    assert.equal(Arn, 'arn:aws:iam::000000000000:root')
    assert.equal(UserId, '000000000000')
    assert.match($metadata.requestId ?? '', /^[0-9a-f-]{36}$/)
  })

  test('an operation that is not built says so, and is not retried', async () => {
    await assert.rejects(
      sts.send(new GetSessionTokenCommand({})),
      (error: Error & { $metadata?: { attempts?: number } }) => {
        assert.equal(error.name, 'UnsupportedOperation')
        assert.match(error.message, /^GetSessionToken is an operation of sts that is not built in Stowage yet/)
        assert.equal(error.$metadata?.attempts, 1)
        return true
      },
    )
  })
})
