import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '../aws/test-sign.ts'
import { testClock } from '../lib/clock.ts'
import { createSigner } from './signer.ts'

const KEYS = { accessKeyId: 'AKIATEST', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const REGION = 'eu-west-1'
const target = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'T.Op', 'content-length': '15' }

type Asked = { method: 'GET' | 'POST'; url: URL; headers?: Record<string, string>; body?: string }

const bySdk = async ({ url, headers = {}, ...asked }: Asked, at: number, withHash: boolean, sessionToken?: string) => {
  const credentials = { ...KEYS, ...(sessionToken === undefined ? {} : { sessionToken }) }
  const options = { service: 'ecs', region: REGION, credentials, sha256: Sha256, applyChecksum: withHash }
  const request = new HttpRequest({
    ...asked,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
  })
  return (await new SignatureV4(options).sign(request, { signingDate: new Date(at) })).headers
}

test('signs as the SDK does: calls, handshakes with odd parameters, frames; each day with its own key', async () => {
  const clock = testClock()
  const signer = createSigner(REGION, KEYS, clock)
  const root = new URL('http://127.0.0.1:7700/')
  const link = new URL("https://agents.example/a%20b/ws?seqNum=1&z=&a=it's (1)*+~&arn=arn:aws:ecs:x:1:cluster/d&é=ü")
  const asked: readonly [Asked, boolean][] = [
    [{ method: 'POST', url: root, headers: target, body: '{"task":"née"}' }, true],
    [{ method: 'POST', url: root, headers: { ...target, 'user-agent': 'Amazon ECS Agent - v1', odd: ' a  b ' } }, true],
    [{ method: 'GET', url: link }, false],
    [{ method: 'GET', url: link, body: '{"metrics":[]}' }, false],
  ]
  for (const day of [0, 1]) {
    for (const [request, payloadHashHeader] of asked) {
      const ours = await signer.sign(request, { payloadHashHeader })
      assert.deepEqual(ours, await bySdk(request, clock.now(), payloadHashHeader), `day ${day}: ${request.url}`)
    }
    await clock.advance(86_400_000)
  }
})

test('temporary credentials send their token, signed', async () => {
  const clock = testClock()
  const signer = createSigner(REGION, { ...KEYS, sessionToken: 'token' }, clock)
  const request: Asked = { method: 'POST', url: new URL('http://127.0.0.1:7700/'), headers: target, body: '{}' }
  assert.deepEqual(await signer.sign(request), await bySdk(request, clock.now(), true, 'token'))
})
