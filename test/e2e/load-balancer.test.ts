// The data plane with a real HAProxy: what rows ask for is what clients get, whatever dies meanwhile.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  forward,
  groupRow,
  listenerRow,
  loadBalancerRow,
  ruleRow,
  targetRow,
} from '../../src/load-balancer/testing/rows.ts'
import {
  listeners,
  loadBalancerStates,
  loadBalancers,
  rules,
  targetGroups,
  targetHealth,
  targets,
} from '../../src/store/load-balancing-tables.ts'
import { end, startBackend, startPlane } from './load-balancer/plane.ts'
import { type addRule, fixed, makeWorld, send } from './load-balancer/world.ts'
import { freePort } from './stowage.ts'
import { startTraffic } from './traffic.ts'
import { leastMs, waitFor } from './wait-for.ts'

const BACK_WITHIN_MS = 1_000

/** For now and from now on: while HAProxy is reloaded the process that ends takes a connection now and then. */
const always = (what: string, ask: () => Promise<boolean>) =>
  waitFor(what, async () => {
    for (let times = 0; times < 20; times++) if (!(await ask())) return undefined
    return true
  })

describe('a load balancer', () => {
  test('forwards from the first passed check on; says healthy, unhealthy, and healthy again', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    let status = 200
    const backend = await startBackend('', (_request, response) => response.writeHead(status).end('one'))
    t.after(backend.close)
    const { group, url, loadBalancer } = await makeWorld(plane, [backend])
    assert.equal((await send(url)).text, 'one')
    await waitFor(
      'active',
      async () => plane.store.get(loadBalancerStates, loadBalancer.arn)?.code === 'active' || undefined,
    )
    status = 404
    await waitFor('unhealthy', async () => plane.healthOf(group)[0]?.state === 'unhealthy' || undefined)
    const { reason, description } = plane.healthOf(group)[0] ?? {}
    assert.deepEqual(
      [reason, description],
      ['Target.ResponseCodeMismatch', 'Health checks failed with these codes: [404]'],
    )
    // None is healthy: all get requests.
    assert.equal((await send(url)).text, 'one')
    status = 200
    await plane.healthy(group, 1)
  })

  test('a target that refuses, and one that never answers, are unhealthy for what they do', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const silent = await startBackend('', () => {})
    t.after(silent.close)
    const { group } = await makeWorld(plane, [])
    const refusing = await freePort()
    await plane.put(targets, targetRow(group, silent.port), targetRow(group, refusing))
    const isFor = (port: number, why: string) =>
      waitFor(`unhealthy for ${why}`, async () => {
        const found = plane.healthOf(group).find(row => row.port === port)
        return (found?.state === 'unhealthy' && found.reason === why) || undefined
      })
    await isFor(silent.port, 'Target.Timeout')
    await isFor(refusing, 'Target.FailedHealthChecks')
  })

  test('no request fails while 20 targets come and go and HAProxy is reloaded 10 times', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const stays = await startBackend('stays')
    t.after(stays.close)
    const world = await makeWorld(plane, [stays])
    const traffic = startTraffic({ url: world.url, perSecond: 300 })
    for (let round = 0; round < 10; round++) {
      const pair = await Promise.all([startBackend(`${round}a`), startBackend(`${round}b`)])
      const rows = pair.map(({ port }) => targetRow(world.group, port))
      await plane.put(targets, ...rows)
      await plane.healthy(world.group, 3)
      const path = [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/other/${round}`] } }]
      await plane.put(rules, ruleRow(world.listener, fixed('other'), { priority: round + 1, conditions: path }))
      await waitFor(
        'the new rule',
        async () => (await send(`${world.url}other/${round}`)).text === 'other' || undefined,
      )
      await waitFor('both have answered', async () => {
        const { texts } = traffic.counts()
        return (texts[`${round}a`] && texts[`${round}b`]) || undefined
      })
      await plane.put(targets, ...rows.map(row => ({ ...row, deregisteredAt: Date.now() })))
      await waitFor(
        'drained',
        async () => plane.store.count(targets, 'byTargetGroup', world.group.arn) === 1 || undefined,
      )
      await Promise.all(pair.map(({ close }) => close()))
    }
    const { failures, sent, texts } = await traffic.end()
    assert.deepEqual(failures, [])
    t.diagnostic(`${sent} requests; ${Object.keys(texts).length} targets answered`)
    assert.equal(Object.keys(texts).length, 21)
  })

  test('a target that drains ends with its last request, and is cut at the end of the delay', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    let held: ServerResponse | undefined
    const slow = await startBackend('', (request, response) => {
      if (request.url === '/held') held = response
      else response.end('slow')
    })
    const other = await startBackend('other')
    t.after(slow.close)
    t.after(other.close)
    const { group, url } = await makeWorld(plane, [slow, other])
    const row = targetRow(group, slow.port)
    const hold = async () => {
      held = undefined
      const answer = waitFor('held', async () => {
        const asked = send(`${url}held`)
        await Promise.race([asked, waitFor('taken', async () => held)])
        return held ? { asked } : undefined
      })
      // In an object: a promise would be awaited with it.
      return await answer
    }
    const { asked: first } = await hold()
    const gone = () =>
      waitFor('gone', async () => plane.store.get(targets, targets.key(row)) === undefined || undefined)
    await plane.put(targets, { ...row, deregisteredAt: Date.now() })
    await waitFor('no new requests', async () => (await send(url)).text === 'other' || undefined)
    assert.ok(plane.store.get(targets, targets.key(row)))
    held?.end('done')
    assert.equal((await first).text, 'done')
    await gone()
    assert.equal(plane.store.get(targetHealth, targets.key(row)), undefined)
    await plane.put(targetGroups, { ...group, attributes: { 'deregistration_delay.timeout_seconds': '2' } })
    await plane.put(targets, row)
    await plane.healthy(group, 2)
    const { asked: second } = await hold()
    await plane.put(targets, { ...row, deregisteredAt: Date.now() })
    assert.equal((await second).status, 502)
    await gone()
  })

  test('HAProxy that is killed is back within a second; the loop that is killed finds it again', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('one')
    const second = await startBackend('two')
    t.after(backend.close)
    t.after(second.close)
    const { group, url } = await makeWorld(plane, [backend])
    const backAfter = await leastMs(BACK_WITHIN_MS, async () => {
      const pid = await plane.masterPid()
      end(pid, 'SIGKILL')
      const killedAt = Date.now()
      await waitFor('it answers', async () => {
        const answer = await send(url).catch(() => undefined)
        return (answer?.status === 200 && (await plane.masterPid()) !== pid) || undefined
      })
      return Date.now() - killedAt
    })
    t.diagnostic(`back after ${backAfter} ms`)
    assert.ok(backAfter <= BACK_WITHIN_MS, `${backAfter} ms`)
    const next = await plane.masterPid()
    const traffic = startTraffic({ url, perSecond: 200 })
    await plane.restart()
    await plane.put(targets, targetRow(group, second.port))
    await plane.healthy(group, 2)
    await waitFor('both answer', async () => traffic.counts().texts['two'])
    assert.deepEqual((await traffic.end()).failures, [])
    assert.equal(await plane.masterPid(), next)
  })

  test('HAProxy that reloads while the loop starts is waited for, and no other is started', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('one')
    t.after(backend.close)
    const { group, url } = await makeWorld(plane, [backend])
    const before = await plane.masterPid()
    process.kill(before, 'SIGUSR2')
    await plane.restart()
    const next = await startBackend('two')
    t.after(next.close)
    await plane.put(targets, targetRow(group, next.port))
    await plane.healthy(group, 2)
    assert.equal(await plane.masterPid(), before)
    assert.equal((await send(url)).status, 200)
  })

  test('a port that is taken fails its load balancer alone, says who has it, and is had once it is free', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('one')
    t.after(backend.close)
    const { url } = await makeWorld(plane, [backend])
    const port = await freePort()
    const thief = createServer().listen(port, '127.0.0.1')
    await once(thief, 'listening')
    const other = loadBalancerRow('other')
    const listener = listenerRow(other, port)
    const rule = ruleRow(listener, fixed('mine'))
    await plane.put(loadBalancers, other)
    await plane.put(listeners, listener)
    await plane.put(rules, rule)
    const state = () => plane.store.get(loadBalancerStates, other.arn)
    await waitFor('failed', async () => state()?.code === 'failed' || undefined)
    assert.match(state()?.reason ?? '', new RegExp(`^Port ${port} is in use by process ${process.pid} `))
    assert.equal((await send(url)).text, 'one')
    thief.close()
    await waitFor('active', async () => state()?.code === 'active' || undefined)
    assert.equal((await send(`http://127.0.0.1:${port}/`)).text, 'mine')
  })

  test('a port that is lost between the look and the start fails its load balancer alone', async t => {
    const folder = await mkdtemp(join(tmpdir(), 'stowage-haproxy-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const [lost, kept] = [await freePort(), await freePort()]
    const [program, seen] = [join(folder, 'haproxy'), join(folder, 'seen')]
    // It has the configuration of both and cannot have the one port.
    await writeFile(
      program,
      `#!/bin/sh
grep -q 'frontend 127.0.0.1:${kept}' "$3" && touch ${seen}
echo '[ALERT] (1) : Binding [haproxy.cfg:9] for frontend x: cannot bind socket (Address already in use) for [127.0.0.1:${lost}]' >&2
exit 1
`,
      { mode: 0o755 },
    )
    const plane = await startPlane({ programs: [program] })
    t.after(plane.dispose)
    const one = await makeWorld(plane, [], { name: 'one', port: lost })
    const other = await makeWorld(plane, [], { name: 'other', port: kept })
    const state = (arn: string) => plane.store.get(loadBalancerStates, arn)?.code
    // By the second time, what the first one found is written.
    for (const _ of ['once', 'twice']) {
      await waitFor('both tried', () => (existsSync(seen) ? true : undefined))
      await rm(seen)
    }
    assert.deepEqual([state(one.loadBalancer.arn), state(other.loadBalancer.arn)], ['failed', undefined])
  })

  test('HAProxy that is not installed is said so', async t => {
    const plane = await startPlane({ programs: ['no-such-haproxy'] })
    t.after(plane.dispose)
    const { loadBalancer } = await makeWorld(plane, [])
    const state = () => plane.store.get(loadBalancerStates, loadBalancer.arn)
    await waitFor('failed', async () => state()?.code === 'failed' || undefined)
    assert.match(state()?.reason ?? '', /HAProxy is not installed/)
  })

  test('several on one port are told apart by Host', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const [a, b] = [await startBackend('a'), await startBackend('b')]
    t.after(a.close)
    t.after(b.close)
    const first = await makeWorld(plane, [a], { name: 'a' })
    assert.equal((await send(first.url, { headers: { host: 'anything' } })).text, 'a')
    const second = await makeWorld(plane, [b], { name: 'b', port: first.port })
    const ask = async (host: string) => (await send(first.url, { headers: { host } })).text
    await always('b', async () => (await ask(second.loadBalancer.dnsName)) === 'b')
    assert.equal(await ask(`${first.loadBalancer.dnsName.toUpperCase()}:80`), 'a')
    assert.equal((await send(first.url, { headers: { host: 'anything' } })).status, 404)
  })

  test('weights are taken at the next request, without a reload', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const [a, b] = [await startBackend('a'), await startBackend('b')]
    t.after(a.close)
    t.after(b.close)
    const { group, defaultRule, listener, url } = await makeWorld(plane, [a])
    const green = groupRow('green')
    await plane.put(targetGroups, green)
    await plane.put(targets, targetRow(green, b.port))
    const weigh = (blue: number, other: number) =>
      plane.put(rules, { ...defaultRule, actions: [forward({ [group.arn]: blue, [green.arn]: other })] })
    await weigh(100, 0)
    await plane.healthy(green, 1)
    const share = async () => {
      const texts = await Promise.all(Array.from({ length: 200 }, async () => (await send(url)).text))
      return texts.filter(text => text === 'b').length / texts.length
    }
    assert.equal(await share(), 0)
    await weigh(50, 50)
    await waitFor('half', async () => (await share()) > 0.3 || undefined)
    assert.ok((await share()) < 0.7)
    await weigh(0, 100)
    await waitFor('all', async () => (await share()) === 1 || undefined)
    await weigh(0, 0)
    await waitFor('503', async () => (await send(url)).status === 503 || undefined)
    assert.ok(listener)
  })

  test('every kind of condition chooses its rule, in the order of priority', async t => {
    const plane = await startPlane()
    t.after(plane.dispose)
    const backend = await startBackend('default')
    t.after(backend.close)
    const world = await makeWorld(plane, [backend])
    const rule = async (priority: number, text: string, ...conditions: Parameters<typeof addRule>[3]['conditions']) =>
      plane.put(rules, ruleRow(world.listener, fixed(text), { priority, conditions }))
    await rule(1, 'host', { Field: 'host-header', HostHeaderConfig: { Values: ['*.Example.com', 'one.test'] } })
    await rule(2, 'path', { Field: 'path-pattern', PathPatternConfig: { Values: ['/img/*', '/a?c.x'] } })
    await rule(3, 'header', { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Who', Values: ["it's *"] } })
    await rule(4, 'method', { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['PUT'] } })
    await rule(5, 'query', {
      Field: 'query-string',
      QueryStringConfig: { Values: [{ Key: 'v', Value: '2*' }, { Value: 'any' }] },
    })
    const local = { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.0/8'] } }
    await rule(6, 'ip', local, { Field: 'path-pattern', PathPatternConfig: { Values: ['/ip'] } })
    await rule(7, 'later', { Field: 'path-pattern', PathPatternConfig: { Values: ['/img/late', '/late'] } })
    const move = {
      Type: 'redirect',
      RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
    } as const
    await plane.put(
      rules,
      ruleRow(world.listener, move, {
        priority: 8,
        conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/move*'] } }],
      }),
    )
    const at = async (path: string, options: Parameters<typeof send>[1] = {}) =>
      (await send(world.url.slice(0, -1) + path, options)).text
    await always('the last rule', async () => (await send(`${world.url}move`)).status === 301)
    const host = (name: string) => ({ headers: { host: name } })
    const found = {
      host: [
        await at('/', host('A.example.COM:80')),
        await at('/img/x', host('one.test')),
        await at('/', host('example.com')),
      ],
      path: [await at('/img/a/b'), await at('/abc.x'), await at('/abc_x'), await at('/IMG/a'), await at('/img/late')],
      header: [await at('/', { headers: { 'x-who': "IT'S me" } })],
      method: [await at('/', { method: 'PUT' })],
      query: [await at('/?a=1&V=23'), await at('/?x=ANY'), await at('/?v=3')],
      ip: [await at('/ip'), await at('/late')],
    }
    assert.deepEqual(found, {
      host: ['host', 'host', 'default'],
      path: ['path', 'path', 'default', 'default', 'path'],
      header: ['header'],
      method: ['method'],
      query: ['query', 'query', 'default'],
      ip: ['ip', 'later'],
    })
    const { headers } = await send(`${world.url}move/a?x=1&y=2`, host('foo.test:81'))
    assert.equal(headers.location, 'https://foo.test:443/move/a?x=1&y=2')
    const without = await send(`${world.url}move`, host('foo.test'))
    assert.equal(without.headers.location, 'https://foo.test:443/move')
  })
})
