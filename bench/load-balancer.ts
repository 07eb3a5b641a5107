// What the data plane costs and how soon it follows, with a real HAProxy behind load balancers made through the API. Three parts,
// in one process of Stowage, the later ones after the load of the first. Needs haproxy, wrk and taskset.
//
// Requests through it, against HAProxy configurations written by hand in the same run. Each balances over the same backend, checks
// it, and runs with HAProxy's own choice of threads, of reuse and of keep-alive:
// - ours: what the render makes of a listener with one rule. X-Forwarded-For, -Proto, -Port, X-Amzn-Trace-Id; what came in of these
//   is appended to or replaced; refusals (400 without Host, 405, 463), AWS's bodies and status codes (502 and 504 told apart).
// - the same headers: those four, written the plain way (haproxy.ts). What the limit compares with.
// - bare: X-Forwarded-For alone. No limit: a reader sees what the headers cost anybody.
// HAProxy has one core, wrk and the backend have another, whichever is measured. Rounds alternate, so that whatever else the
// machine does meets all, and ratios are medians of those of a round; CPU time a request is what tells on a machine that is busy.
//
// From RegisterTargets to the first answer. Then 1,000 targets with 200 rules: how long the calls take, and how long after the
// last one all targets are healthy and the last rule answers.
import { execFile } from 'node:child_process'
import { createServer, get } from 'node:http'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  CreateRuleCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { systemClock } from '../src/lib/clock.ts'
import { ask } from '../src/load-balancer/haproxy/command-line.ts'
import { filesOf } from '../src/load-balancer/haproxy/process.ts'
import { type LoadBalanced, makeLoadBalancer } from '../test/e2e/load-balanced.ts'
import { percentile } from '../test/e2e/percentile.ts'
import { freePort, type Stowage, startStowage } from '../test/e2e/stowage.ts'
import { waitFor } from '../test/e2e/wait-for.ts'
import { cpuMs } from './cpu.ts'
import { atLeast, atMost, attempt, type Benchmark, median, runAlone, seconds, spread } from './figure.ts'
import { BARE, handWritten, sameHeaders, staticBackend } from './haproxy.ts'

const LOOPBACK = '127.0.0.1'
const ASK_EVERY_MS = 10
const TARGETS = 1_000
const RULES = 200
/** Each call registers so many: AWS's own consoles do about this. */
const AT_ONCE = 100
const [BALANCER_CORE, LOAD_CORE] = [0, cpus().length - 1]

const THROUGH = 'requests through a load balancer, of those through HAProxy by hand'
const FIRST = 'RegisterTargets -> first request served'
const MANY = `${TARGETS} targets healthy and ${RULES} rules in HAProxy`

export const loadBalancer: Benchmark = async ({ quick }) => {
  const stowage = await startStowage({ runtime: 'fake' })
  const run = quick ? { rounds: 3, seconds: 1 } : { rounds: 15, seconds: 1 }
  try {
    return [
      ...(await attempt(THROUGH, () => againstByHand(stowage, run))),
      ...(await attempt(FIRST, () => firstAnswers(stowage, quick ? 5 : 20))),
      ...(await attempt(MANY, () => many(stowage))),
    ]
  } finally {
    await stowage.dispose()
  }
}

const againstByHand = async (stowage: Stowage, run: { readonly rounds: number; readonly seconds: number }) => {
  const [backendPort, port, barePort] = [await freePort(), await freePort(), await freePort()]
  const backend = await staticBackend(backendPort)
  const same = await handWritten(port, backendPort, sameHeaders(port))
  const bare = await handWritten(barePort, backendPort, BARE)
  const made = await makeLoadBalancer(stowage.endpoint, 'load', { targetType: 'ip' })
  try {
    await register(made, [{ Id: LOOPBACK, Port: backendPort }])
    await healthy(made, 1)
    await waitFor('it answers', () => answerOf(made.url).then(text => text === 'hello' || undefined))
    const measured: readonly Measured[] = [
      { url: made.url, pid: await workerPid(stowage), rounds: [] },
      { url: `http://${LOOPBACK}:${port}/`, pid: same.pid, rounds: [] },
      { url: `http://${LOOPBACK}:${barePort}/`, pid: bare.pid, rounds: [] },
    ]
    // After they have begun: HAProxy has as many threads as it may use cores by then.
    await Promise.all(measured.map(({ pid }) => pin(pid, BALANCER_CORE)))
    await pin(backend.pid, LOAD_CORE)
    for (let round = 0; round < run.rounds; round++)
      for (const one of round % 2 === 0 ? measured : measured.toReversed())
        one.rounds.push(await wrk(one.url, one.pid, run.seconds))
    const [ours = [], theirs = [], bares = []] = measured.map(({ rounds }) => rounds)
    const [of, ofBare] = [compared(ours, theirs), compared(ours, bares)]
    return [
      { what: `${THROUGH} with the same headers`, measured: of.rate, ...atLeast(of.rates, 0.95, '0.95') },
      { what: '  their p99', measured: of.p99, ...atMost(of.p99s, 1.05, '1.05') },
      { what: "  HAProxy's CPU time a request", measured: of.cpu },
      { what: `${THROUGH} without headers`, measured: ofBare.rate },
      { what: '  their p99', measured: ofBare.p99 },
      { what: "  HAProxy's CPU time a request", measured: ofBare.cpu },
    ]
  } finally {
    made.elbv2.destroy()
    await Promise.all([same, bare, backend].map(one => one.dispose()))
  }
}

type Round = { readonly perSecond: number; readonly p99: number; readonly micros: number }
type Measured = { readonly url: string; readonly pid: number; readonly rounds: Round[] }

/** Round by round: what is the machine's and not theirs was alike for both then. */
const compared = (ours: readonly Round[], theirs: readonly Round[]) => {
  const ratio = (key: keyof Round): number => median(ours.map((one, n) => one[key] / (theirs[n]?.[key] ?? Number.NaN)))
  const middle = (rounds: readonly Round[], key: keyof Round): number => median(rounds.map(one => one[key]))
  const both = (key: keyof Round, digits: number, unit: string): string =>
    `${ratio(key).toFixed(2)} (${middle(ours, key).toFixed(digits)}${unit} of ${middle(theirs, key).toFixed(digits)}${unit})`
  return {
    ...{ rates: ratio('perSecond'), p99s: ratio('p99') },
    ...{ rate: both('perSecond', 0, '/s'), p99: both('p99', 1, ' ms'), cpu: both('micros', 1, ' µs') },
  }
}

/** All threads of a process. */
const pin = async (pid: number, core: number): Promise<void> => {
  await promisify(execFile)('taskset', ['-a', '-c', '-p', String(core), String(pid)])
}

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 }

const wrk = async (url: string, pid: number, duration: number): Promise<Round> => {
  const from = await cpuMs(pid)
  const words = ['-c', String(LOAD_CORE), 'wrk', '-t1', '-c32', `-d${duration}s`, '--latency', url]
  const { stdout } = await promisify(execFile)('taskset', words)
  const cpu = (await cpuMs(pid)) - from
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk saw failures: ${stdout}`)
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? []
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99: Number(p99) * (MS[unit ?? ''] ?? Number.NaN),
    micros: (cpu * 1_000) / requests,
  }
}

/** Each run has a target of its own, beside one that stays; its predecessor is deregistered first. */
const firstAnswers = async (stowage: Stowage, runs: number) => {
  const made = await makeLoadBalancer(stowage.endpoint, 'first', { targetType: 'ip' })
  const targets = await Promise.all(Array.from({ length: runs + 1 }, (_, n) => namedTarget(`target ${n}`)))
  try {
    const times: number[] = []
    for (const [n, { port, name }] of targets.entries()) {
      const began = performance.now()
      await register(made, [{ Id: LOOPBACK, Port: port }])
      const took = (await firstAnswer(made.url, name)) - began
      // The first one came while there was nothing.
      if (n === 0) continue
      times.push(took)
      await deregister(made, port)
    }
    const p95 = percentile(times, 0.95)
    return [{ what: FIRST, measured: spread(times), ...atMost(p95, 1_000, 'p95 1 s') }]
  } finally {
    made.elbv2.destroy()
    for (const { server } of targets) {
      server.closeAllConnections()
      server.close()
    }
  }
}

const namedTarget = async (name: string) => {
  const port = await freePort()
  const server = createServer((_request, response) => response.end(name)).listen(port, LOOPBACK)
  return { name, port, server }
}

/** When it was there: a request is sent every 10 ms, whatever has become of the ones before. */
const firstAnswer = async (url: string, name: string): Promise<number> => {
  const end = performance.now() + 20_000
  let at: number | undefined
  while (at === undefined) {
    if (performance.now() > end) throw new Error(`${name} never answered`)
    void answerOf(url).then(text => {
      if (text === name) at ??= performance.now()
    })
    await sleep(ASK_EVERY_MS)
  }
  return at
}

const many = async (stowage: Stowage) => {
  const backendPort = await freePort()
  const backend = await staticBackend(backendPort)
  const made = await makeLoadBalancer(stowage.endpoint, 'many', { targetType: 'ip' })
  try {
    // It listens, though nobody is behind it yet: HAProxy runs with it, by a reload of its own.
    await waitFor('it listens', () => answerOf(made.url).then(text => text !== '' || undefined))
    const reloadsBefore = await reloadsOf(stowage)
    const began = performance.now()
    await Promise.all([addRules(made), addTargets(made, backendPort)])
    const called = performance.now() - began
    await healthy(made, TARGETS)
    await waitFor('the last rule', () =>
      answerOf(`${made.url}${RULES}`).then(text => text === ruleText(RULES) || undefined),
    )
    const settled = performance.now() - began - called
    const reloads = (await reloadsOf(stowage)) - reloadsBefore
    return [
      {
        what: `${MANY}, after the last call`,
        measured: `${seconds(settled)} (the ${TARGETS / AT_ONCE + RULES} calls: ${seconds(called)})`,
        ...atMost(settled, 5_000, '5 s'),
      },
      { what: '  reloads meanwhile', measured: `${reloads}`, ...atMost(reloads, 3, '3') },
    ]
  } finally {
    made.elbv2.destroy()
    await backend.dispose()
  }
}

const ruleText = (number: number): string => `rule ${number}`

const addRules = async ({ elbv2, listenerArn }: LoadBalanced): Promise<void> => {
  for (let number = 1; number <= RULES; number++) {
    await elbv2.send(
      new CreateRuleCommand({
        ListenerArn: listenerArn,
        Priority: number,
        Conditions: [{ Field: 'path-pattern', Values: [`/${number}`] }],
        Actions: [
          {
            Type: 'fixed-response',
            FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: ruleText(number) },
          },
        ],
      }),
    )
  }
}

/** The same backend at 1,000 addresses of the loopback. */
const addTargets = async (made: LoadBalanced, port: number): Promise<void> => {
  for (let from = 0; from < TARGETS; from += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, n) => from + n)
    await register(
      made,
      some.map(n => ({ Id: `127.1.${n >> 8}.${n & 255}`, Port: port })),
    )
  }
}

type Target = { readonly Id: string; readonly Port: number }

const register = ({ elbv2, targetGroupArn }: LoadBalanced, Targets: Target[]) =>
  elbv2.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }))

const deregister = ({ elbv2, targetGroupArn }: LoadBalanced, Port: number) =>
  elbv2.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: LOOPBACK, Port }] }))

const healthy = ({ elbv2, targetGroupArn }: LoadBalanced, count: number): Promise<true> =>
  waitFor(
    `${count} healthy targets`,
    // A thousand targets are a long answer: asked without a pause, it would be what is measured.
    async () => ((await healthyIn(elbv2, targetGroupArn)) === count ? true : void (await sleep(200))),
    120_000,
  )

const healthyIn = async (elbv2: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<number> => {
  const { TargetHealthDescriptions: all = [] } = await elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn }))
  return all.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length
}

const answerOf = (url: string): Promise<string> =>
  new Promise(resolve => {
    get(url, { agent: false }, response => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', part => {
          text += part
        })
        .on('end', () => resolve(text))
        .on('error', () => resolve(''))
    }).on('error', () => resolve(''))
  })

/** `24799 master 3 [failed: 0] ...`: the third word counts the reloads; `24801 worker 0 ...`: the one that has not seen any. */
const procOf = ({ dataDir }: Stowage): Promise<string> =>
  // Its socket refuses for as long as a start or a reload takes.
  waitFor('HAProxy says what runs', () =>
    ask(filesOf(join(dataDir, 'load-balancer')).master, 'show proc', systemClock()).catch(() => undefined),
  )

const reloadsOf = async (stowage: Stowage): Promise<number> =>
  Number(/^\d+\s+master\s+(\d+)/m.exec(await procOf(stowage))?.[1])

const workerPid = async (stowage: Stowage): Promise<number> =>
  Number(/^(\d+)\s+worker\s+0\s/m.exec(await procOf(stowage))?.[1])

if (import.meta.main) await runAlone(loadBalancer)
