// Access logs of application load balancers: what a real HAProxy wrote of real requests, as objects in a directory for each bucket.
import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ruleRow } from '../../src/load-balancer/testing/rows.ts'
import { loadBalancers, rules } from '../../src/store/load-balancing-tables.ts'
import { type Plane, startBackend, startPlane } from './load-balancer/plane.ts'
import { fixed, makeWorld, send } from './load-balancer/world.ts'
import { waitFor } from './wait-for.ts'

const EACH_MS = 200
const LOGGED = { 'access_logs.s3.enabled': 'true', 'access_logs.s3.bucket': 'my-logs', 'access_logs.s3.prefix': 'web' }

const objectsIn = async (plane: Plane): Promise<readonly string[]> => {
  const all = await readdir(join(plane.folder, 'access-logs'), { recursive: true }).catch(() => [])
  return all.filter(name => name.endsWith('.log.gz')).sort()
}

const linesOf = async (plane: Plane): Promise<readonly string[]> => {
  const contents: string[] = []
  for (const name of await objectsIn(plane))
    contents.push(gunzipSync(await readFile(join(plane.folder, 'access-logs', name))).toString())
  return contents.join('').split('\n').slice(0, -1)
}

const logged = (plane: Plane, count: number) =>
  waitFor(`${count} requests are logged`, async () => {
    const lines = await linesOf(plane)
    return lines.length >= count ? lines : undefined
  })

const isOf =
  (path: string, status: number) =>
  (line: string): boolean =>
    line.includes(path) && line.includes(` ${status} `)

const rawFiles = async ({ folder }: Plane): Promise<readonly string[]> =>
  (await readdir(folder)).filter(name => name.endsWith('.raw')).map(name => join(folder, name))

describe('an access log', () => {
  test('has a line for each request, by rule and target, and none of other load balancers on the port', async t => {
    const plane = await startPlane({ accessLogsMs: EACH_MS })
    t.after(plane.dispose)
    const backend = await startBackend('one')
    t.after(backend.close)
    const world = await makeWorld(plane, [backend], { loadBalancer: { attributes: LOGGED } })
    const { listener, loadBalancer, group, port } = world
    const silent = await makeWorld(plane, [backend], { name: 'silent', port })
    const conditions = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/gone'] } }]
    await plane.put(rules, ruleRow(listener, fixed('gone', '410'), { priority: 7, conditions }))
    const host = loadBalancer.dnsName
    const ask = (path: string, to = host) => send(`http://127.0.0.1:${port}${path}`, { headers: { host: to } })
    await waitFor('the rule holds', async () => (await ask('/gone')).status === 410 || undefined)
    const agent = { host, 'user-agent': 'a "quoted" agent' }
    assert.equal((await send(`http://127.0.0.1:${port}/a?b=c`, { headers: agent })).text, 'one')
    assert.equal((await ask('/', silent.loadBalancer.dnsName)).text, 'one')

    const lines = await waitFor('both are logged', async () => {
      const found = await linesOf(plane)
      return found.some(isOf('/a?b=c', 200)) && found.some(isOf('/gone', 410)) ? found : undefined
    })
    assert.ok(!lines.some(line => line.includes(silent.loadBalancer.name)), 'of the other one there is none')
    const forwarded = lines.find(isOf('/a?b=c', 200)) ?? ''
    const id = loadBalancer.arn.split('/').slice(-3).join('/')
    assert.match(
      forwarded,
      new RegExp(
        `^http \\d{4}-\\d\\d-\\d\\dT[\\d:.]{15}Z ${id} 127\\.0\\.0\\.1:\\d+ 127\\.0\\.0\\.1:${backend.port} 0\\.\\d{3} 0\\.\\d{3} 0\\.\\d{3} 200 200 \\d+ \\d+ ` +
          `"GET http://${host}:${port}/a\\?b=c HTTP/1\\.1" "a \\\\"quoted\\\\" agent" - - ${group.arn} "-" "-" "-" 0 `,
      ),
    )
    assert.match(forwarded, / "forward" "-" "-" "127\.0\.0\.1:\d+" "200" "-" "-" -$/)
    const refused = lines.find(isOf('/gone', 410)) ?? ''
    assert.match(
      refused,
      / 127\.0\.0\.1:\d+ - -1 -1 -1 410 - \d+ \d+ "GET .*" - - - "-" "-" "-" 7 .* "fixed-response" "-" "-" "-" "-" "-" "-" -$/,
    )

    const [name = ''] = await objectsIn(plane)
    const dotted = id.replaceAll('/', '.')
    assert.match(
      name,
      new RegExp(
        `^my-logs/web/AWSLogs/000000000000/elasticloadbalancing/us-east-1/\\d{4}/\\d\\d/\\d\\d/000000000000_elasticloadbalancing_us-east-1_${dotted}_\\d{8}T\\d{4}Z_127\\.0\\.0\\.1_[0-9a-f]{8}\\.log\\.gz$`,
      ),
    )
  })

  test('loses no line while nobody looks, and gives its room back', async t => {
    const plane = await startPlane({ accessLogsMs: EACH_MS })
    t.after(plane.dispose)
    const backend = await startBackend('one')
    t.after(backend.close)
    const { url, loadBalancer } = await makeWorld(plane, [backend], { loadBalancer: { attributes: LOGGED } })
    // Long lines, so that the file has whole blocks to give back.
    const long = (n: number) => `${url}${n}?${'x'.repeat(2_000)}`
    for (let n = 0; n < 20; n++) assert.equal((await send(long(n))).text, 'one')
    await logged(plane, 20)
    await waitFor('what was read takes no room', async () => {
      const sizes = await Promise.all((await rawFiles(plane)).map(file => stat(file)))
      return sizes.every(({ size, blocks }) => size > 30_000 && blocks * 512 <= 8_192) || undefined
    })
    await plane.loop().stop()
    for (let n = 20; n < 40; n++) assert.equal((await send(long(n))).text, 'one')
    await plane.restart()
    const lines = await logged(plane, 40)
    const numbers = lines.map(line => Number(/\/(\d+)\?x/.exec(line)?.[1]))
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      Array.from({ length: 40 }, (_, n) => n),
    )
    await plane.put(loadBalancers, { ...loadBalancer, attributes: {} })
    await waitFor('it is off', async () => {
      const before = await Promise.all((await rawFiles(plane)).map(file => stat(file)))
      await send(url)
      const after = await Promise.all((await rawFiles(plane)).map(file => stat(file)))
      return before.every(({ size }, at) => size === after[at]?.size) || undefined
    })
  })
})
