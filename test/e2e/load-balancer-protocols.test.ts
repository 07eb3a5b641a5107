// What clients and targets see of the data plane with a real HAProxy: headers, cookies, TLS by name, HTTP/2, gRPC's way, websockets,
// AWS's status codes, network load balancers.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import WebSocket, { WebSocketServer } from 'ws'
import type { Certificate } from '../../src/domain/load-balancing/certificate.ts'
import { forward, groupRow, listenerRow, ruleRow, targetRow } from '../../src/load-balancer/testing/rows.ts'
import { certificates, listeners, rules, targetGroups, targets } from '../../src/store/load-balancing-tables.ts'
import { type Plane, startBackend, startPlane } from './load-balancer/plane.ts'
import { makeWorld, send, type World } from './load-balancer/world.ts'
import { freePort } from './stowage.ts'
import { waitFor } from './wait-for.ts'

const certificateFor = (folder: string, name: string): Certificate => {
  const [key, pem] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  execFileSync(
    'openssl',
    [...words, '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', pem],
    { stdio: 'ignore' },
  )
  return {
    arn: `arn:aws:acm:us-east-1:000000000000:certificate/${name}`,
    certificatePem: readFileSync(pem, 'utf8'),
    privateKeyPem: readFileSync(key, 'utf8'),
    ...{ domainNames: [name], notBefore: 0, notAfter: 4e12, tags: [], importedAt: 1, createdAt: 1 },
  }
}

/** The common name of the certificate that a client gets which asks for `servername`, and the protocol that was agreed on. */
const handshake = async (port: number, servername: string, maxVersion: 'TLSv1.2' | 'TLSv1.1' = 'TLSv1.2') => {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername,
    rejectUnauthorized: false,
    maxVersion,
    minVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  await once(socket, 'secureConnect')
  const found = { name: socket.getPeerCertificate().subject.CN, protocol: socket.alpnProtocol }
  socket.destroy()
  return found
}

/** An HTTPS listener of the world's load balancer. */
const addTls = async (plane: Plane, world: World, groupArn = world.group.arn) => {
  const own = [certificateFor(plane.folder, 'one.test'), certificateFor(plane.folder, 'two.test')]
  const port = await freePort()
  const certificateArns = own.map(({ arn }) => arn)
  const sslPolicy = 'ELBSecurityPolicy-TLS13-1-2-2021-06'
  const listener = listenerRow(world.loadBalancer, port, { protocol: 'HTTPS', certificateArns, sslPolicy })
  await plane.put(certificates, ...own)
  await plane.put(listeners, listener)
  await plane.put(rules, ruleRow(listener, forward({ [groupArn]: 1 })))
  await waitFor('it listens', () => handshake(port, 'one.test').catch(() => undefined))
  return port
}

const http2Ask = async (port: number, headers: Readonly<Record<string, string>> = {}) => {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'one.test', rejectUnauthorized: false })
  const stream = session.request({ ':authority': 'one.test', ...headers })
  let text = ''
  stream.setEncoding('utf8').on('data', part => {
    text += part
  })
  stream.end()
  const ended = once(stream, 'end')
  const [answer] = await once(stream, 'response')
  await ended
  session.destroy()
  return { status: Number(answer[':status']), text }
}

/** Answers with what it was asked. */
const mirror = () =>
  startBackend('', (request: IncomingMessage, response) => response.end(JSON.stringify(request.headers)))

describe('an application load balancer', () => {
  test('tells targets who asked, by which way, and under which trace', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await mirror()
    t.after(backend.close)
    const { url, port } = await makeWorld(plane, [backend])
    const plain = JSON.parse((await send(url)).text)
    const { 'x-forwarded-for': client, 'x-forwarded-proto': proto, 'x-forwarded-port': asked, host } = plain
    assert.deepEqual([client, proto, asked, host], ['127.0.0.1', 'http', String(port), `127.0.0.1:${port}`])
    assert.match(plain['x-amzn-trace-id'], /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    const headers = {
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'gopher',
      'x-amzn-trace-id': 'Self=1-0-0;Root=1-67891233-abcdef012345678912345678;App=x',
    }
    const through = JSON.parse((await send(url, { headers })).text)
    assert.deepEqual([through['x-forwarded-for'], through['x-forwarded-proto']], ['203.0.113.7, 127.0.0.1', 'http'])
    assert.match(
      through['x-amzn-trace-id'],
      /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678;App=x$/,
    )
  })

  test('puts the headers of its listener into every answer, and leaves out who it is', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('', (_request, response) => {
      response.writeHead(200, { server: 'own', 'x-frame-options': 'SAMEORIGIN' }).end('own')
    })
    t.after(backend.close)
    const port = await freePort()
    const attributes = {
      'routing.http.response.server.enabled': 'false',
      'routing.http.response.strict_transport_security.header_value': 'max-age=31536000; preload',
      'routing.http.response.content_security_policy.header_value': 'default-src \'self\' "100%" \\',
      'routing.http.response.x_frame_options.header_value': 'DENY',
    }
    const { url } = await makeWorld(plane, [backend], { port, listener: { attributes } })
    const { headers } = await send(url)
    assert.equal(headers['strict-transport-security'], 'max-age=31536000; preload')
    assert.equal(headers['content-security-policy'], 'default-src \'self\' "100%" \\')
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['server'], undefined)
    const own = (await send(url, { method: 'TRACE' })).headers
    assert.deepEqual([own['x-frame-options'], own['server']], ['DENY', undefined])
    // Another load balancer on the same port, with a Host of its own, says what it always did.
    const other = await makeWorld(plane, [backend], { name: 'other', port })
    const host = other.loadBalancer.dnsName
    const plain = await waitFor('it is told apart', async () => {
      const answer = await send(url, { headers: { host } })
      return answer.status === 200 ? answer : undefined
    })
    assert.deepEqual([plain.headers['x-frame-options'], plain.headers['server']], ['SAMEORIGIN', 'own'])
  })

  test("answers with AWS's status codes", async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('', (request, response) => {
      if (request.url === '/cut') request.socket.destroy()
      else response.writeHead(request.url === '/503' ? 503 : 200).end('own')
    })
    t.after(backend.close)
    const { url, group } = await makeWorld(plane, [backend])
    const hasty = await makeWorld(plane, [], {
      name: 'hasty',
      loadBalancer: { attributes: { 'idle_timeout.timeout_seconds': '2' } },
    })
    await waitFor('it listens', () => send(hasty.url).catch(() => undefined))
    const status = async (path: string, options: Parameters<typeof send>[1] = {}) =>
      (await send(url + path, options)).status
    const many = Array.from({ length: 31 }, (_, place) => `10.0.0.${place}`).join(', ')
    assert.deepEqual(
      [
        await status('', { method: 'TRACE' }),
        await status('', { headers: { 'x-forwarded-for': many } }),
        await status('503'),
        await status('cut'),
      ],
      [405, 463, 503, 502],
    )
    const raw = async (text: string, to = url) => {
      const socket = connect(Number(new URL(to).port), '127.0.0.1', () => socket.write(text))
      const [data] = await once(socket.setEncoding('utf8'), 'data')
      socket.destroy()
      return Number(String(data).split(' ')[1])
    }
    assert.deepEqual(
      [await raw('GET / HTTP/1.1\r\n\r\n'), await raw('nonsense\r\n\r\n'), await raw('GET / HTTP/1.1\r\n', hasty.url)],
      [400, 400, 408],
    )
    // Headers of 60 KB together, of 15 KB each: nobody is there to read them, but they are not too long.
    const long = Object.fromEntries(['a', 'b', 'c', 'd'].map(name => [`x-${name}`, 'x'.repeat(15_000)]))
    assert.equal((await send(hasty.url, { headers: long })).status, 503)
    await backend.close()
    assert.equal(await status(''), 502)
    await plane.put(targets, { ...targetRow(group, backend.port), deregisteredAt: Date.now() })
    await waitFor('nobody', async () => (await status('')) === 503 || undefined)
  })

  test('keeps a client on its target by cookie, until that target drains', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const all = await Promise.all(['a', 'b', 'c'].map(name => startBackend(name)))
    for (const { close } of all) t.after(close)
    const { url, group } = await makeWorld(plane, all, { group: { attributes: { 'stickiness.enabled': 'true' } } })
    const first = await send(url)
    const cookies = first.headers['set-cookie'] ?? []
    assert.match(cookies[0] ?? '', /^AWSALB=[0-9A-F]{16}~\d+; Expires=.* GMT; Path=\/$/)
    assert.match(cookies[1] ?? '', /^AWSALBCORS=.*; SameSite=None; Secure$/)
    const headers = { cookie: cookies[0]?.split(';')[0] ?? '' }
    for (let times = 0; times < 6; times++) assert.equal((await send(url, { headers })).text, first.text)
    const port = all[['a', 'b', 'c'].indexOf(first.text)]?.port ?? 0
    await plane.put(targets, { ...targetRow(group, port), deregisteredAt: Date.now() })
    await waitFor('another', async () => (await send(url, { headers })).text !== first.text || undefined)
    const forged = { cookie: 'AWSALB=0000000000000000~9999999999' }
    assert.equal((await send(url, { headers: forged })).status, 200)
  })

  test('keeps a client on its target group by cookie, unless that has no weight', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const [a, b] = [await startBackend('a'), await startBackend('b')]
    t.after(a.close)
    t.after(b.close)
    const { url, group, defaultRule } = await makeWorld(plane, [a])
    const other = groupRow('other')
    await plane.put(targetGroups, other)
    await plane.put(targets, targetRow(other, b.port))
    const weigh = (one: number, two: number) =>
      plane.put(rules, { ...defaultRule, actions: [forward({ [group.arn]: one, [other.arn]: two }, { seconds: 60 })] })
    await weigh(1, 1)
    await plane.healthy(other, 1)
    const first = await waitFor('a cookie', async () => {
      const answer = await send(url)
      return answer.headers['set-cookie'] && answer.text === 'b' ? answer : undefined
    })
    const headers = { cookie: first.headers['set-cookie']?.[0]?.split(';')[0] ?? '' }
    assert.match(headers.cookie, /^AWSALBTG=/)
    for (let times = 0; times < 8; times++) assert.equal((await send(url, { headers })).text, 'b')
    await weigh(1, 0)
    await waitFor('the other one', async () => (await send(url, { headers })).text === 'a' || undefined)
  })

  test('ends TLS by the name asked for, speaks HTTP/2, refuses what its policy excludes', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await mirror()
    t.after(backend.close)
    const world = await makeWorld(plane, [backend])
    const port = await addTls(plane, world)
    assert.deepEqual(await handshake(port, 'two.test'), { name: 'two.test', protocol: 'h2' })
    assert.equal((await handshake(port, 'unknown.test')).name, 'one.test')
    await assert.rejects(handshake(port, 'one.test', 'TLSv1.1'))
    const { status, text } = await http2Ask(port)
    assert.deepEqual([status, JSON.parse(text)['x-forwarded-proto']], [200, 'https'])
    assert.equal((await http2Ask(port, { 'content-type': 'application/grpc' })).status, 464)
  })

  test('speaks HTTP/2 in clear text to targets of an HTTP2 group, and refuses HTTP/1 clients of it', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('one')
    const grpc = createHttp2Server((_request, response) => response.end('h2c')).listen(0, '127.0.0.1')
    await once(grpc, 'listening')
    t.after(backend.close)
    t.after(() => grpc.close())
    const world = await makeWorld(plane, [backend])
    const group = groupRow('h2', { protocolVersion: 'HTTP2' })
    await plane.put(targetGroups, group)
    const port = await addTls(plane, world, group.arn)
    await plane.put(targets, targetRow(group, (grpc.address() as AddressInfo).port))
    await plane.healthy(group, 1)
    assert.deepEqual(await http2Ask(port), { status: 200, text: 'h2c' })
  })

  test('carries websockets, over a reload too', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('one')
    t.after(backend.close)
    const sockets = new WebSocketServer({ server: backend.server })
    sockets.on('connection', socket => socket.on('message', data => socket.send(`echo ${data}`)))
    const world = await makeWorld(plane, [backend])
    const socket = new WebSocket(world.url.replace('http', 'ws'))
    t.after(() => socket.terminate())
    await once(socket, 'open')
    const path = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/none'] } }]
    const gone = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '410' } } as const
    await plane.put(rules, ruleRow(world.listener, gone, { priority: 1, conditions: path }))
    await waitFor('reloaded', async () => (await send(`${world.url}none`)).status === 410 || undefined)
    socket.send('hello')
    assert.equal(String((await once(socket, 'message'))[0]), 'echo hello')
  })
})

describe('a network load balancer', () => {
  test('carries connections, by weights', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const greet = async (name: string) => {
      const server = createServer(socket => socket.end(name)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      t.after(() => server.close())
      return { port: (server.address() as AddressInfo).port }
    }
    const tcp = { protocol: 'TCP', healthCheck: { protocol: 'TCP' } } as const
    const { group, defaultRule, port } = await makeWorld(plane, [], { loadBalancer: { type: 'network' }, group: tcp })
    await plane.put(targets, targetRow(group, (await greet('a')).port))
    await plane.healthy(group, 1)
    const ask = async () => {
      const socket = connect(port, '127.0.0.1').setEncoding('utf8')
      const [text] = await once(socket, 'data')
      return String(text)
    }
    assert.equal(await ask(), 'a')
    const other = groupRow('other', tcp)
    await plane.put(targetGroups, other)
    await plane.put(targets, targetRow(other, (await greet('b')).port))
    await plane.put(rules, { ...defaultRule, actions: [forward({ [group.arn]: 0, [other.arn]: 1 })] })
    await plane.healthy(other, 1)
    await waitFor('b', async () => (await ask()) === 'b' || undefined)
  })
})
