import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpRequest as SdkRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { testClock } from '../../lib/clock.ts'
import { authenticator } from '../authenticate.ts'
import type { AwsError } from '../error.ts'
import type { HttpRequest } from '../http-request.ts'
import { Sha256 } from '../test-sign.ts'

const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const NOW = Date.UTC(2026, 1, 28, 12, 36, 0)
const caller = { accountId: '0', arn: 'arn:aws:iam::0:root', userId: '0' }

const signerOf = (more: { sessionToken?: string; secretAccessKey?: string } = {}) =>
  new SignatureV4({ credentials: { ...CREDENTIALS, ...more }, region: 'eu-west-1', service: 'ecs', sha256: Sha256 })

type Plain = {
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: string
}

const plain = (more: Partial<Plain> = {}): Plain => ({
  method: 'POST',
  path: '/',
  query: {},
  headers: { host: '127.0.0.1:7700', 'x-amz-target': 'T.Op', 'content-type': 'application/x-amz-json-1.1' },
  body: '{}',
  ...more,
})

const asSdkRequest = (request: Plain): SdkRequest =>
  new SdkRequest({ ...request, protocol: 'http:', hostname: '127.0.0.1', port: 7700 })

/** As it would arrive: the query encoded by `encodeQuery`. */
const arrived = (
  signed: { headers: Record<string, string>; query?: unknown },
  { method, path, body }: Plain,
  encodeQuery: (text: string) => string = encodeURIComponent,
): HttpRequest => ({
  method,
  path,
  query: Object.entries((signed.query ?? {}) as Record<string, string>)
    .map(([name, value]) => `${encodeQuery(name)}=${encodeQuery(value)}`)
    .join('&'),
  headers: new Map(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value])),
  body: Buffer.from(body),
})

const sign = async (request: Plain, at = NOW, sessionToken?: string): Promise<HttpRequest> =>
  arrived(
    await signerOf(sessionToken === undefined ? {} : { sessionToken }).sign(asSdkRequest(request), {
      signingDate: new Date(at),
    }),
    request,
  )

const presign = async (request: Plain, at = NOW, expiresIn = 60): Promise<HttpRequest> =>
  arrived(await signerOf().presign(asSdkRequest(request), { signingDate: new Date(at), expiresIn }), request)

const verify = (request: HttpRequest, now = NOW, sessionToken?: string) =>
  authenticator({
    clock: testClock(now),
    lookup: id =>
      id === CREDENTIALS.accessKeyId
        ? { ...CREDENTIALS, caller, ...(sessionToken === undefined ? {} : { sessionToken }) }
        : undefined,
  })(request, 'json')

const refused = (request: HttpRequest, code: string, message?: RegExp, now = NOW): void =>
  assert.throws(
    () => verify(request, now),
    (error: AwsError) => {
      assert.equal(error.code, code)
      if (message) assert.match(error.message, message)
      return true
    },
  )

test('what the SDK signs is accepted, whatever the path, query, headers and body', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 })
  const headerText = fc.stringMatching(/^[ -~]{0,20}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[A-Za-z0-9._~ ()*'!-]{0,8}$/), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9 *.]{0,8}$/), text, { maxKeys: 4 }),
      fc.dictionary(fc.stringMatching(/^x-[a-w][a-z0-9]{0,8}$/), headerText, { maxKeys: 4 }),
      text,
      async (segments, query, headers, body) => {
        const path = `/${segments.map(encodeURIComponent).join('/')}`
        const base = plain()
        const request = await sign(plain({ path, query, body, headers: { ...base.headers, ...headers } }))
        assert.deepEqual(verify(request), {
          caller: { ...caller, accessKeyId: 'AKIATEST' },
          region: 'eu-west-1',
          service: 'ecs',
        })
      },
    ),
    { numRuns: 200 },
  )
})

test('what the SDK presigns is accepted, and until it expires', async () => {
  const request = await presign(
    plain({ method: 'GET', body: '', headers: { host: 'a:1' }, query: { Action: 'Who Am+I' } }),
  )
  assert.equal(verify(request).service, 'ecs')
  assert.equal(verify(request, NOW + 59_000).service, 'ecs')
  refused(request, 'InvalidSignatureException', /^Signature expired: .* - 1 min\.\)$/, NOW + 61_000)
})

test("the agent's websocket handshake: spaces as +, no content hash, a host with a port", async () => {
  const query = { agentVersion: '1.105.1', dockerVersion: 'DockerVersion: 20.10.24+dfsg1', seqNum: '1' }
  const request = plain({ method: 'GET', path: '/acs/ws', body: '', query, headers: { host: '127.0.0.1:7700' } })
  const signer = new SignatureV4({
    credentials: CREDENTIALS,
    region: 'eu-west-1',
    service: 'ecs',
    sha256: Sha256,
    applyChecksum: false,
  })
  const signed = await signer.sign(asSdkRequest(request), { signingDate: new Date(NOW) })
  const form = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')
  const handshake = arrived(signed, request, form)
  assert.match(handshake.query, /DockerVersion%3A\+20\.10\.24%2Bdfsg1/)
  assert.ok(!handshake.headers.has('x-amz-content-sha256'))
  assert.equal(verify(handshake).region, 'eu-west-1')
})

test('any change of what was signed is refused', async () => {
  const request = await sign(plain({ query: { a: '1' } }))
  const changed = (name: string, value: string): HttpRequest => ({
    ...request,
    headers: new Map([...request.headers, [name, value]]),
  })
  for (const other of [
    { ...request, method: 'GET' },
    { ...request, path: '/x' },
    { ...request, query: 'a=2' },
    { ...request, query: 'a=1&a=1' },
    { ...request, body: Buffer.from('{ }') },
    changed('x-amz-target', 'T.Other'),
    changed('host', 'elsewhere'),
    changed('x-amz-content-sha256', 'UNSIGNED-PAYLOAD'),
  ]) {
    refused(other, 'InvalidSignatureException', /^The request signature we calculated does not match/)
  }
})

test('another secret is refused, an unknown key by its own code', async () => {
  const other = await signerOf({ secretAccessKey: 'x' }).sign(asSdkRequest(plain()), { signingDate: new Date(NOW) })
  refused(arrived(other, plain()), 'InvalidSignatureException')
  const request = await sign(plain())
  const authorization = request.headers.get('authorization')?.replace('AKIATEST', 'AKIAOTHER') ?? ''
  refused(
    { ...request, headers: new Map([...request.headers, ['authorization', authorization]]) },
    'UnrecognizedClientException',
    /^The security token included in the request is invalid\.$/,
  )
})

test('a clock more than five minutes off is refused, in the words that SDKs correct themselves by', async () => {
  const request = await sign(plain())
  assert.ok(verify(request, NOW + 300_000))
  assert.ok(verify(request, NOW - 300_000))
  refused(
    request,
    'InvalidSignatureException',
    /^Signature expired: 20260228T123600Z is now earlier than 20260228T123601Z \(20260228T124101Z - 5 min\.\)$/,
    NOW + 301_000,
  )
  refused(
    request,
    'InvalidSignatureException',
    /^Signature not yet current: 20260228T123600Z is still later than 20260228T123559Z \(20260228T123059Z \+ 5 min\.\)$/,
    NOW - 301_000,
  )
})

test('a session token must come with the credentials that have one, and only with those', async () => {
  const request = await sign(plain(), NOW, 'token')
  assert.ok(verify(request, NOW, 'token'))
  assert.throws(() => verify(request, NOW, 'another'), { code: 'UnrecognizedClientException' })
  assert.throws(() => verify(request, NOW), { code: 'UnrecognizedClientException' })
  const without = await sign(plain())
  assert.throws(() => verify(without, NOW, 'token'), { code: 'UnrecognizedClientException' })
})

test('host and target must be signed', async () => {
  const request = await sign(plain())
  const authorization = request.headers.get('authorization') ?? ''
  for (const name of ['host', 'x-amz-target']) {
    const less = authorization.replace(new RegExp(`${name};?`), '').replace(';,', ',')
    const headers = new Map([...request.headers, ['authorization', less]])
    refused({ ...request, headers }, 'InvalidSignatureException', new RegExp(`'${name}' must be a 'SignedHeader'`, 'i'))
  }
})

test('signatures that are not whole are told what they lack', async () => {
  const request = await sign(plain())
  const good = request.headers.get('authorization') ?? ''
  const cases: readonly (readonly [string | undefined, string, RegExp])[] = [
    [undefined, 'MissingAuthenticationTokenException', /^Request is missing Authentication Token$/],
    ['Bearer abc', 'IncompleteSignatureException', /^Unsupported AWS 'algorithm': 'Bearer'/],
    ['AWS4-HMAC-SHA256 Credential', 'IncompleteSignatureException', /^'Credential' not a valid key=value pair/],
    [
      'AWS4-HMAC-SHA256 Credential=a/b/c/d/e',
      'IncompleteSignatureException',
      /requires 'Signature' parameter\. .*'SignedHeaders'/,
    ],
    [good.replace('/eu-west-1/', '/'), 'IncompleteSignatureException', /exactly 5 slash-delimited elements/],
    [good.replace('/eu-west-1/', '/EU West/'), 'IncompleteSignatureException', /not a valid key=value pair/],
    [good.replace('/eu-west-1/', '/eu:west/'), 'InvalidSignatureException', /valid region/],
    [good.replace('aws4_request', 'aws5_request'), 'InvalidSignatureException', /valid terminator/],
    [good.replace('/20260228/', '/20260227/'), 'InvalidSignatureException', /^Date in Credential scope does not match/],
    [good.replace(/Signature=\w/, 'Signature='), 'InvalidSignatureException', /^The request signature/],
  ]
  for (const [authorization, code, message] of cases) {
    const headers = new Map(request.headers)
    if (authorization === undefined) headers.delete('authorization')
    else headers.set('authorization', authorization)
    refused({ ...request, headers }, code, message)
  }
  const undated = new Map(request.headers)
  undated.delete('x-amz-date')
  refused({ ...request, headers: undated }, 'IncompleteSignatureException', /'X-Amz-Date' or a 'Date' header/)
  undated.set('x-amz-date', 'yesterday')
  refused({ ...request, headers: undated }, 'IncompleteSignatureException', /^Date must be in ISO-8601/)
})

test('arbitrary authorization, path and query are refused, never a crash', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.boolean(), (authorization, path, query, scheme) => {
      const headers = new Map([['authorization', scheme ? `AWS4-HMAC-SHA256 ${authorization}` : authorization]])
      assert.throws(() => verify({ method: 'POST', path, query, headers, body: Buffer.alloc(0) }), { name: 'AwsError' })
      const presigned = `X-Amz-Signature=${query}&${authorization}`
      assert.throws(
        () => verify({ method: 'GET', path, query: presigned, headers: new Map(), body: Buffer.alloc(0) }),
        { name: 'AwsError' },
      )
    }),
  )
})
