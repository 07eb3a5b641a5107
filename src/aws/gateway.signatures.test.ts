import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { stsService } from '../services/sts/service.ts'
import type { AwsService } from './operation.ts'
import { ecsWith, startTestGateway, TEST_KEYS, type TestGateway } from './test-gateway.ts'
import { FORM, send } from './test-send.ts'

/** A service of EC2's protocol. */
const ec2: AwsService = {
  name: 'ec2',
  protocol: 'ec2Query',
  target: '2016-11-15',
  schemas: () => import('@aws-sdk/client-ec2'),
  constraints: { operations: {}, structures: {}, enums: {} },
  operations: {},
}

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway({ services: [ecsWith({}), stsService(), ec2] })
})
after(() => gateway.stop())

const REQUESTS = {
  ecs: { service: 'ecs' },
  sts: { service: 'sts', target: '', headers: FORM, body: 'Action=GetCallerIdentity&Version=2011-06-15' },
  ec2: { service: 'ec2', target: '', headers: FORM, body: 'Action=DescribeVpcs&Version=2016-11-15' },
} as const

const WRONGS = {
  secret: { credentials: { secretAccessKey: 'wrong' } },
  key: { credentials: { accessKeyId: 'AKIANOBODY' } },
  unsigned: { tamper: (headers: Record<string, string>) => delete headers['authorization'] },
  garbled: {
    tamper: (headers: Record<string, string>) => {
      headers['authorization'] = headers['authorization']?.replace('SignedHeaders=', 'Signed=') ?? ''
    },
  },
} as const

// As AWS answers: a JSON service 400 for all of it, a Query service 403 but for what is not whole.
const TOLD = [
  ['ecs', 'secret', 400, 'InvalidSignatureException'],
  ['ecs', 'key', 400, 'UnrecognizedClientException'],
  ['ecs', 'unsigned', 400, 'MissingAuthenticationTokenException'],
  ['ecs', 'garbled', 400, 'IncompleteSignatureException'],
  ['sts', 'secret', 403, 'SignatureDoesNotMatch'],
  ['sts', 'key', 403, 'InvalidClientTokenId'],
  ['sts', 'unsigned', 403, 'MissingAuthenticationToken'],
  ['sts', 'garbled', 400, 'IncompleteSignature'],
  ['ec2', 'secret', 403, 'SignatureDoesNotMatch'],
  ['ec2', 'key', 401, 'AuthFailure'],
  ['ec2', 'garbled', 400, 'IncompleteSignature'],
] as const

const FORMS = {
  ecs: /^\{"__type":"(\w+)","message":".+"\}$/,
  sts: /^<ErrorResponse[^>]*><Error><Type>Sender<\/Type><Code>(\w+)<\/Code>/,
  ec2: /^<Response><Errors><Error><Code>(\w+)<\/Code>/,
} as const

for (const [service, wrong, status, code] of TOLD)
  test(`${service}, ${wrong}: ${status} ${code}`, async () => {
    const answer = await send(gateway, { ...REQUESTS[service], ...WRONGS[wrong] })
    assert.equal(answer.status, status)
    assert.equal(FORMS[service].exec(answer.text)?.[1], code, answer.text)
  })

test('a request without a signature gets an answer that a person can read', async () => {
  const plain = await fetch(gateway.endpoint)
  assert.equal(plain.status, 403)
  assert.match(
    await plain.text(),
    /<Code>MissingAuthenticationToken<\/Code><Message>Request is missing Authentication Token</,
  )
})

test("EC2's client reads the error of a signature", async () => {
  const credentials = { ...TEST_KEYS, secretAccessKey: 'wrong' }
  const client = new EC2Client({ endpoint: gateway.endpoint, region: 'eu-west-1', credentials })
  await assert.rejects(client.send(new DescribeVpcsCommand({})), { name: 'SignatureDoesNotMatch' })
  client.destroy()
})
