// What the data plane costs and how soon it follows, with a real HAProxy behind load balancers made through the API:
// requests through it against a hand-written configuration, from RegisterTargets to the first answer, and 1,000 targets with 200
// rules. Needs haproxy and wrk. Rounds of the two configurations alternate, so that whatever else the machine does meets both;
// the CPU time a request is what tells on a machine that is busy.
import { execFile } from 'node:child_process'
import { createServer, get } from 'node:http'
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
import { atLeast, atMost, type Benchmark, median, runAlone, seconds, spread } from './figure.ts'
import { handWritten, staticBackend } from './haproxy.ts'

const LOOPBACK = '127.0.0.1'
const ASK_EVERY_MS = 10
const TARGETS = 1_000
const RULES = 200
/** Each call registers so many: AWS's own consoles do about this. */
const AT_ONCE = 100

export const loadBalancer: Benchmark = async ({ quick }) => {
  const stowage = await startStowage({ runtime: 'fake' })
  try {
    return [
      ...(await againstByHand(stowage, quick ? { rounds: 3, seconds: 1 } : { rounds: 7, seconds: 3 })),
      ...(await firstAnswers(stowage, quick ? 5 : 20)),
      ...(await many(stowage)),
    ]
  } finally {
    await stowage.dispose()
  }
}

const againstByHand = async (stowage: Stowage, run: { readonly rounds: number; readonly seconds: number }) => {
  const [backendPort, port] = [await freePort(), await freePort()]
  const backend = await staticBackend(backendPort)
  const byHand = await handWritten(port, backendPort)
  const made = await makeLoadBalancer(stowage.endpoint, 'load', { targetType: 'ip' })
  try {
    await register(made, [{ Id: LOOPBACK, Port: backendPort }])
    await healthy(made, 1)
    await waitFor('it answers', () => answerOf(made.url).then(text => text === 'hello' || undefined))
    const ours: Round[] = []
    const theirs: Round[] = []
    for (let round = 0; round < run.rounds; round++) {
      ours.push(await wrk(made.url, await workerPid(stowage), run.seconds))
      theirs.push(await wrk(`http://${LOOPBACK}:${port}/`, byHand.pid, run.seconds))
    }
    const both = (key: keyof Round) => [median(ours.map(one => one[key])), median(theirs.map(one => one[key]))] as const
    const [rate, handRate] = both('perSecond')
    const [p99, handP99] = both('p99')
    const [micros, handMicros] = both('micros')
    return [
      {
        what: 'requests through a load balancer, of those through a hand-written HAProxy',
        measured: `${(rate / handRate).toFixed(2)} (${Math.round(rate)}/s of ${Math.round(handRate)}/s)`,
        ...atLeast(rate / handRate, 0.95, '0.95'),
      },
      {
        what: '  their p99',
        measured: `${(p99 / handP99).toFixed(2)} (${p99.toFixed(1)} ms of ${handP99.toFixed(1)} ms)`,
        ...atMost(p99 / handP99, 1.05, '1.05'),
      },
      {
        what: "  HAProxy's CPU time a request",
        measured: `${(micros / handMicros).toFixed(2)} (${micros.toFixed(1)} µs of ${handMicros.toFixed(1)} µs)`,
      },
    ]
  } finally {
    made.elbv2.destroy()
    await byHand.dispose()
    await backend.dispose()
  }
}

type Round = { readonly perSecond: number; readonly p99: number; readonly micros: number }

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 }

const wrk = async (url: string, pid: number, duration: number): Promise<Round> => {
  const from = await cpuMs(pid)
  const words = ['-t1', '-c32', `-d${duration}s`, '--latency', url]
  const { stdout } = await promisify(execFile)('wrk', words)
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
    return [
      { what: 'RegisterTargets -> first request served', measured: spread(times), ...atMost(p95, 1_000, 'p95 1 s') },
    ]
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
    const reloadsBefore = await reloadsOf(stowage)
    const began = performance.now()
    await Promise.all([addRules(made), addTargets(made, backendPort)])
    const called = performance.now() - began
    await healthy(made, TARGETS)
    await waitFor('the last rule', () =>
      answerOf(`${made.url}${RULES}`).then(text => text === ruleText(RULES) || undefined),
    )
    const took = performance.now() - began
    const reloads = (await reloadsOf(stowage)) - reloadsBefore
    return [
      {
        what: '1000 targets healthy and 200 rules in HAProxy',
        measured: `${seconds(took)} (the calls: ${seconds(called)})`,
      },
      // Rules that come within 200 ms share a reload: at most as many as there are such times, and one to end with.
      {
        what: '  reloads meanwhile',
        measured: `${reloads}`,
        ...atMost(reloads, Math.ceil(took / 200) + 1, 'one in 200 ms'),
      },
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
    async () => ((await healthyIn(elbv2, targetGroupArn)) === count ? true : undefined),
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
  ask(filesOf(join(dataDir, 'load-balancer')).master, 'show proc', systemClock())

const reloadsOf = async (stowage: Stowage): Promise<number> =>
  Number(/^\d+\s+master\s+(\d+)/m.exec(await procOf(stowage))?.[1])

const workerPid = async (stowage: Stowage): Promise<number> =>
  Number(/^(\d+)\s+worker\s+0\s/m.exec(await procOf(stowage))?.[1])

if (import.meta.main) await runAlone(loadBalancer)
