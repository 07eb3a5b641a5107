// What a caller who does it wrong is told, in bytes, by a whole `stowage up`: signature, shape, operation, and that nothing
// was done meanwhile.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Stowage, startStowage } from '../e2e/stowage.ts'
import { type Answer, type Request, send } from './send.ts'

let stowage: Stowage
before(async () => {
  stowage = await startStowage({ runtime: 'fake' })
  // These requests are signed for another region than the local instance is in, which has its own cluster `default`.
  await send(stowage, { operation: 'CreateCluster' })
})
after(() => stowage?.dispose())

const refused = (answer: Answer, status: number, code: string, message: RegExp = /./): void => {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1')
  assert.match(answer.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/)
  const error = answer.json()
  assert.equal(error.__type, code, answer.text)
  assert.match(error.message ?? '', message)
}
const ask = (request: Request): Promise<Answer> => send(stowage, request)
const list = (request: Request = {}): Promise<Answer> => ask({ operation: 'ListClusters', ...request })

test('signatures: only the holder of a key acts, and only with what was signed', async () => {
  assert.equal((await list()).status, 200)
  refused(await list({ credentials: { secretAccessKey: 'guess' } }), 400, 'InvalidSignatureException', /does not match/)
  refused(
    await list({ credentials: { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' } }),
    400,
    'UnrecognizedClientException',
    /security token included in the request is invalid/,
  )
  const tampered = await list({
    tamper: sent => {
      sent.body = '{"maxResults":1}'
    },
  })
  refused(tampered, 400, 'InvalidSignatureException')
  const unsigned = await list({
    tamper: ({ headers }) => {
      delete headers['authorization']
    },
  })
  refused(unsigned, 400, 'MissingAuthenticationTokenException')
  const garbled = await list({
    tamper: ({ headers }) => {
      headers['authorization'] = 'AWS4-HMAC-SHA256 nonsense'
    },
  })
  refused(garbled, 400, 'IncompleteSignatureException')
})

test('shapes: malformed JSON, wrong types, bad enum values, missing members', async () => {
  for (const body of ['{', '[]', '"a"', '{"maxResults":}']) {
    refused(await list({ body }), 400, 'SerializationException')
  }
  refused(await list({ body: '{"maxResults":"ten"}' }), 400, 'SerializationException')
  refused(await ask({ operation: 'DescribeTasks', body: '{"tasks":{"a":1}}' }), 400, 'SerializationException')
  const describe = await ask({ operation: 'DescribeTasks', body: '{}' })
  assert.equal(describe.status, 400)
  const run = await ask({ operation: 'RunTask', body: '{"taskDefinition":"a","launchType":"MOON"}' })
  assert.equal(run.status, 400)
  assert.match(run.json().message ?? '', /MOON|launchType/)
})

test('what nobody knows: unknown members are ignored, unknown operations refused', async () => {
  assert.equal((await list({ body: '{"unheardOf":{"a":[1]}}' })).status, 200)
  refused(await ask({ operation: 'FlyToTheMoon' }), 404, 'UnknownOperationException')
  refused(await ask({ headers: { 'x-amz-target': 'Other.ListClusters' } }), 404, 'UnknownOperationException')
  refused(await ask({ operation: 'CreateGateway', body: '{}' }), 400, 'UnsupportedFeatureException', /CreateGateway/)
})

test('what is refused is not half done', async () => {
  const body = '{"clusterName":"half","tags":[{"key":"aws:reserved","value":"a"}]}'
  assert.equal((await ask({ operation: 'CreateCluster', body })).status, 400)
  const { text } = await ask({ operation: 'DescribeClusters', body: '{"clusters":["half"]}' })
  assert.match(text, /"reason":"MISSING"/)
  const definition = {
    family: 'half',
    containerDefinitions: [{ name: 'a', image: 'a', memory: 16 }],
    proxyConfiguration: { containerName: 'a' },
  }
  const refusedDefinition = await ask({ operation: 'RegisterTaskDefinition', body: JSON.stringify(definition) })
  assert.equal(refusedDefinition.status, 400)
  assert.match(refusedDefinition.json().message ?? '', /proxyConfiguration/)
  const described = await ask({ operation: 'DescribeTaskDefinition', body: '{"taskDefinition":"half"}' })
  refused(described, 400, 'ClientException', /^Unable to describe task definition\.$/)
})

test('a modelled error, byte for byte', async () => {
  const answer = await ask({ operation: 'ListTasks', body: '{"cluster":"absent"}' })
  assert.equal(answer.status, 400)
  assert.equal(answer.text, '{"__type":"ClusterNotFoundException","message":"Cluster not found."}')
})

test('awsQuery: GetCallerIdentity, and an error of its form', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const query = (body: string) => ask({ service: 'sts', headers: form, body })
  const identity = await query('Action=GetCallerIdentity&Version=2011-06-15')
  assert.equal(identity.status, 200)
  assert.equal(identity.headers.get('content-type'), 'text/xml')
  assert(identity.text.includes(`<Arn>arn:aws:iam::${stowage.accountId}:root</Arn>`))
  const unknown = await query('Action=Fly&Version=2011-06-15')
  assert.equal(unknown.status, 400)
  assert.match(unknown.text, /^<ErrorResponse .*<Code>InvalidAction<\/Code>.*<RequestId>[0-9a-f-]{36}<\/RequestId>/s)
})

test('any region has its own clusters; the account is the one that was set', async () => {
  const { text } = await ask({ operation: 'CreateCluster', body: '{"clusterName":"regional"}' })
  assert(text.includes(`arn:aws:ecs:eu-west-1:${stowage.accountId}:cluster/regional`))
  const ours = await stowage.ecs.config.region()
  assert.notEqual(ours, 'eu-west-1')
})

test('health needs no signature; anything else that is not the API is refused', async () => {
  assert.equal((await fetch(`${stowage.endpoint}/health`)).status, 200)
  for (const path of ['/', '/acs/ws', '/nothing']) {
    const answer = await fetch(stowage.endpoint + path)
    await answer.arrayBuffer()
    assert(answer.status >= 400 && answer.status < 500, `GET ${path}: ${answer.status}`)
  }
})
