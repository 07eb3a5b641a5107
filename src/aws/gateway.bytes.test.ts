import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { HttpRequest as SdkRequest } from '@smithy/core/protocols'
import { AwsError } from './error.ts'
import { startTestGateway, type TestGateway } from './test-gateway.ts'
import { FORM, send } from './test-send.ts'
import { signer } from './test-sign.ts'

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
    const query = (body: string) => send(gateway, { service: 'sts', target: '', headers: FORM, body })
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
