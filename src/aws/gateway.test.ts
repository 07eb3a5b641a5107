import assert from 'node:assert/strict'
import { createServer, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { HttpRequest as SdkRequest } from '@smithy/core/protocols'
import { type Log, silentLog } from '../lib/log.ts'
import { AwsError } from './error.ts'
import type { RequestContext } from './operation.ts'
import { startTestGateway, TEST_KEYS, type TestGateway } from './test-gateway.ts'
import { signedHeaders, signer } from './test-sign.ts'

type Answer = { status: number; headers: Headers; text: string; json: () => Record<string, unknown> }

/** A signed request with exactly these bytes. */
const send = async (
  { endpoint }: TestGateway,
  {
    target = 'AmazonEC2ContainerServiceV20141113.ListTasks',
    body = '{}',
    service = 'ecs',
    headers = {},
    credentials = {},
  }: {
    target?: string
    body?: string | Uint8Array<ArrayBuffer>
    service?: string
    headers?: Record<string, string>
    credentials?: object
  } = {},
): Promise<Answer> => {
  const given = {
    'content-type': 'application/x-amz-json-1.1',
    ...(target ? { 'x-amz-target': target } : {}),
    ...headers,
  }
  const signed = await signedHeaders({ endpoint, service, headers: given, body, credentials })
  const response = await fetch(endpoint, { method: 'POST', headers: signed, body })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}

const recordingLog = (lines: string[]): Log => {
  const log: Log = {
    ...silentLog,
    error: (fields, message) => lines.push(`${message} ${JSON.stringify(fields)}`),
    child: () => log,
  }
  return log
}

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

describe('bytes', () => {
  let gateway: TestGateway
  before(async () => {
    gateway = await startTestGateway({
      operations: {
        ListTasks: () => ({ taskArns: [] }),
        DescribeTasks: () => ({ tasks: [{ createdAt: new Date(1557119253821) }] }),
        StopTask: () => {
          throw new AwsError('InvalidParameterException', 'The referenced task was not found.')
        },
      },
      limits: { bodyBytes: 1000, bodiesBytes: 1500 },
    })
  })
  after(() => gateway.stop())
  const ecs = (operation: string): string => `AmazonEC2ContainerServiceV20141113.${operation}`

  test("an awsJson answer and an awsJson error, as ECS's look", async () => {
    const answer = await send(gateway, { target: ecs('DescribeTasks') })
    assert.equal(answer.text, '{"tasks":[{"createdAt":1557119253.821}]}')
    assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1')
    assert.match(answer.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    const error = await send(gateway, { target: ecs('StopTask'), body: '{"task":"x"}' })
    assert.equal(error.status, 400)
    assert.equal(error.text, '{"__type":"InvalidParameterException","message":"The referenced task was not found."}')
  })

  test("an awsQuery answer and an awsQuery error, as STS's look", async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const query = (body: string) => send(gateway, { service: 'sts', target: '', headers: form, body })
    const answer = await query('Action=GetCallerIdentity&Version=2011-06-15')
    const requestId = answer.headers.get('x-amzn-requestid')
    assert.equal(answer.headers.get('content-type'), 'text/xml')
    assert.equal(
      answer.text,
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><UserId>000000000000</UserId><Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
    )
    const unknown = await query('Action=Get<It>&Version=2011-06-15')
    assert.equal(unknown.status, 400)
    assert.equal(
      unknown.text,
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>There is no operation &apos;Get&lt;It&gt;&apos; of sts.</Message></Error><RequestId>${unknown.headers.get('x-amzn-requestid')}</RequestId></ErrorResponse>`,
    )
    assert.match((await query('')).text, /<Code>MissingAction<\/Code>/)
    assert.match((await query('Action=GetCallerIdentity&Version=2010-01-01')).text, /<Code>InvalidAction<\/Code>/)
    assert.match((await query('Action=AssumeRole')).text, /<Code>UnsupportedOperation<\/Code>/)
  })

  test('a presigned URL, as a caller hands to another to prove who it is', async () => {
    const { host, hostname } = new URL(gateway.endpoint)
    const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
    const request = new SdkRequest({ method: 'GET', path: '/', hostname, headers: { host }, query })
    const { query: signed } = await signer('sts').presign(request, { expiresIn: 60 })
    const url = `${gateway.endpoint}/?${new URLSearchParams(signed as Record<string, string>)}`
    const answer = await fetch(url)
    assert.equal(answer.status, 200)
    assert.match(await answer.text(), /<Account>000000000000<\/Account>/)
    assert.match(await (await fetch(`${url}&More=1`)).text(), /<Code>SignatureDoesNotMatch<\/Code>/)
  })

  test('unknown operations, targets and services', async () => {
    for (const target of [
      '',
      'Nonsense',
      'Other.ListTasks',
      ecs('NoSuchThing'),
      ecs('constructor'),
      ecs('__proto__'),
    ]) {
      const answer = await send(gateway, { target })
      assert.equal(answer.status, 404, target)
      assert.equal(answer.json()['__type'], 'UnknownOperationException')
    }
    const s3 = await send(gateway, { service: 's3' })
    assert.equal(s3.json()['message'], "Stowage does not have the service 's3'. It has: ecs, sts.")
    const notBuilt = await send(gateway, { target: ecs('CreateTaskSet') })
    assert.equal(notBuilt.status, 400)
    assert.equal(notBuilt.json()['__type'], 'UnsupportedFeatureException')
    assert.match(String(notBuilt.json()['message']), /CreateTaskSet is an operation of ecs that is not built/)
  })

  test('bodies that are not JSON, not the right types, not whole', async () => {
    for (const body of ['{', '[]', '"x"', Uint8Array.of(0xff), '{"maxResults":"1"}']) {
      const answer = await send(gateway, { body })
      assert.equal(answer.status, 400)
      assert.equal(answer.json()['__type'], 'SerializationException')
    }
    const wrongEnum = await send(gateway, { body: '{"launchType":"MOON"}' })
    assert.equal(wrongEnum.json()['__type'], 'InvalidParameterException')
    assert.equal((await send(gateway, { body: '' })).status, 200)
  })

  test('a body over the limit is 413, and the connection still works', async () => {
    const answer = await send(gateway, { body: `{"cluster":"${'a'.repeat(1000)}"}` })
    assert.equal(answer.status, 413)
    assert.equal(answer.json()['__type'], 'RequestEntityTooLargeException')
    assert.equal((await send(gateway)).status, 200)
  })

  test('a request without a signature gets an answer that a person can read', async () => {
    const plain = await fetch(gateway.endpoint)
    assert.equal(plain.status, 403)
    assert.match(
      await plain.text(),
      /<Code>MissingAuthenticationToken<\/Code><Message>Request is missing Authentication Token</,
    )
    const json = await fetch(gateway.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': ecs('ListTasks') },
      body: '{}',
    })
    assert.equal(json.status, 400)
    assert.equal(((await json.json()) as { __type: string }).__type, 'MissingAuthenticationTokenException')
  })

  test('a wrong secret', async () => {
    const answer = await send(gateway, { credentials: { secretAccessKey: 'wrong' } })
    assert.equal(answer.json()['__type'], 'InvalidSignatureException')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const query = await send(gateway, {
      service: 'sts',
      target: '',
      headers: form,
      body: 'Action=GetCallerIdentity',
      credentials: { secretAccessKey: 'wrong' },
    })
    assert.equal(query.status, 403)
    assert.match(query.text, /<Code>SignatureDoesNotMatch<\/Code>/)
  })

  test('requests that hang in their bodies hold only their share', async () => {
    // Two of 900 bytes do not fit in 1500 together; the one that hangs keeps its share until it goes away.
    const hanging = connect(gateway.port, '127.0.0.1')
    hanging.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n${'a'.repeat(900)}`)
    const big = { body: `{"cluster":"${'a'.repeat(900)}"}` }
    let answer = await send(gateway, big)
    while (answer.status === 200) answer = await send(gateway, big) // until the hanging one's bytes have arrived
    assert.equal(answer.status, 503)
    assert.equal(answer.json()['__type'], 'ServiceUnavailableException')
    hanging.destroy()
    while (answer.status === 503) answer = await send(gateway, big)
    assert.equal(answer.status, 200)
  })
})

describe('what answers rest on', () => {
  test('no answer leaves before what it rests on is durable, an error neither', async () => {
    let durable = (): void => {}
    const waits: string[] = []
    const gateway = await startTestGateway({
      operations: {
        ListTasks: () => ({}),
        StopTask: () => {
          throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
        },
      },
      durable: () =>
        new Promise(resolve => {
          waits.push('asked')
          durable = resolve
        }),
    })
    for (const [operation, status] of [
      ['ListTasks', 200],
      ['StopTask', 400],
    ] as const) {
      const before = waits.length
      let answered = false
      const target = `AmazonEC2ContainerServiceV20141113.${operation}`
      const sent = send(gateway, { target, body: '{"task":"x"}' }).then(answer => {
        answered = true
        return answer
      })
      while (waits.length === before) await new Promise(setImmediate)
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
      assert.equal(answered, false)
      durable()
      assert.equal((await sent).status, status)
    }
    await gateway.stop()
  })

  test('a stopped store is 503 in either protocol', async () => {
    class StoreFailure extends Error {
      override readonly name = 'StoreFailure'
      readonly code = 'DISK_FULL'
    }
    const failure = new StoreFailure('No space is left for the journal.')
    const gateway = await startTestGateway({
      operations: {
        ListTasks: () => ({}),
        RunTask: () => {
          throw failure
        },
      },
      durable: async () => {
        throw failure
      },
    })
    for (const target of ['ListTasks', 'RunTask']) {
      const body = '{"taskDefinition":"a"}'
      const answer = await send(gateway, { target: `AmazonEC2ContainerServiceV20141113.${target}`, body })
      assert.equal(answer.status, 503)
      assert.deepEqual(answer.json(), {
        __type: 'ServiceUnavailableException',
        message: 'Stowage is not serving: No space is left for the journal.',
      })
    }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const query = await send(gateway, { service: 'sts', target: '', headers, body: 'Action=GetCallerIdentity' })
    assert.equal(query.status, 503)
    assert.match(query.text, /<Type>Receiver<\/Type><Code>ServiceUnavailable<\/Code>/)
    await gateway.stop()
  })

  test('an unexpected error is logged with its request id, and the caller is told only that', async () => {
    const lines: string[] = []
    const gateway = await startTestGateway({
      log: recordingLog(lines),
      operations: {
        ListTasks: () => {
          throw new TypeError('secret detail')
        },
      },
    })
    const answer = await send(gateway)
    assert.equal(answer.status, 500)
    assert.equal(answer.json()['__type'], 'ServerException')
    assert.doesNotMatch(answer.text, /secret detail/)
    const requestId = answer.headers.get('x-amzn-requestid') ?? ''
    assert.ok(lines.some(line => line.includes(requestId) && line.includes('secret detail')))
    assert.ok(!lines.some(line => line.includes(TEST_KEYS.secretAccessKey)))
    await gateway.stop()
  })

  test('who is not the account root may do nothing yet', async () => {
    const gateway = await startTestGateway({
      operations: { ListTasks: () => ({}) },
      lookup: () => ({
        secretAccessKey: TEST_KEYS.secretAccessKey,
        caller: { accountId: '000000000000', arn: 'arn:aws:iam::000000000000:user/eve', userId: 'AIDA' },
      }),
    })
    const answer = await send(gateway)
    assert.equal(answer.json()['__type'], 'AccessDeniedException')
    assert.equal(
      answer.json()['message'],
      'User: arn:aws:iam::000000000000:user/eve is not authorized to perform: ecs:ListTasks',
    )
    await gateway.stop()
  })

  test('a caller that goes away within its request leaves nothing behind', async () => {
    const gateway = await startTestGateway({ operations: { ListTasks: () => ({}) } })
    const socket = connect(gateway.port, '127.0.0.1')
    await new Promise<void>(connected => socket.once('connect', connected))
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{')
    socket.destroy()
    assert.equal((await send(gateway)).status, 200)
    await gateway.stop()
  })
})

describe('websocket handshakes', () => {
  const upgrade = async (
    path: string,
    change: (headers: Record<string, string>) => void = () => {},
  ): Promise<string> => {
    const gateway = await startTestGateway({})
    const server = createServer()
    server.on('upgrade', (message, socket) => {
      gateway.gateway.authenticateUpgrade(message).then(
        context =>
          socket.end(
            `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${context.region.length}\r\n\r\n${context.region}`,
          ),
        (error: AwsError) =>
          socket.end(
            `HTTP/1.1 403 No\r\nconnection: close\r\ncontent-length: ${error.code.length}\r\n\r\n${error.code}`,
          ),
      )
    })
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const signed = await signedHeaders({ endpoint, service: 'ecs', method: 'GET', path, headers: {} })
    change(signed)
    const text = await new Promise<string>((resolve, reject) => {
      const headers = { ...signed, connection: 'Upgrade', upgrade: 'websocket' }
      const sent = httpRequest(`${endpoint}${path}`, { headers }, response => {
        response.setEncoding('utf8').on('data', resolve)
      })
      sent.on('error', reject).end()
    })
    server.close()
    await gateway.stop()
    return text
  }

  test('a signed one is vouched for', async () => {
    assert.equal(await upgrade('/acs/ws'), 'eu-west-1')
  })

  test('others are refused', async () => {
    assert.equal(
      await upgrade('/acs/ws', headers => delete headers['authorization']),
      'MissingAuthenticationTokenException',
    )
    const broken = await upgrade('/acs/ws', headers => {
      headers['authorization'] = `${headers['authorization']?.slice(0, -4)}0000`
    })
    assert.equal(broken, 'InvalidSignatureException')
  })
})
