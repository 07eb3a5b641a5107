// HAProxy processes that a benchmark starts by itself: the backend that all requests end at, and the configurations that a person
// would have written by hand. For load-balancer.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '../test/e2e/wait-for.ts'

export type Haproxy = { readonly pid: number; readonly dispose: () => Promise<void> }

const DEFAULTS = `defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 10s
`

/** Answers 200 to everything, on every loopback address. One thread: it must not take all that is measured. */
export const staticBackend = (port: number): Promise<Haproxy> =>
  startHaproxy(
    `global
  nbthread 1
${DEFAULTS}
frontend static
  bind 0.0.0.0:${port}
  http-request return status 200 content-type text/plain string hello
`,
    port,
  )

/** What is between `frontend` and `default_backend`. */
type HandWritten = readonly string[]

/** What a page about HAProxy says to write for one application: no less, and nothing of what an application load balancer adds. */
export const BARE: HandWritten = ['option forwardfor']

/**
 * What an operator would write whose application expects the headers of an application load balancer: the same ones, the
 * identifier by HAProxy's own means for that and of the same form. It refuses nothing and answers with HAProxy's status codes.
 */
export const sameHeaders = (port: number): HandWritten => [
  'option forwardfor',
  'http-request set-header X-Forwarded-Proto http',
  `http-request set-header X-Forwarded-Port ${port}`,
  'unique-id-format Root=1-%[date,hex,bytes(8,8),lower]-abcd%[rand,add(1000000000)]%[rand,add(1000000000)]',
  'unique-id-header X-Amzn-Trace-Id',
]

/** One that is written by hand: both kinds check their target as ours does, and leave threads, timeouts, reuse of connections as they are. */
export const handWritten = (port: number, backendPort: number, lines: HandWritten): Promise<Haproxy> =>
  startHaproxy(
    `${DEFAULTS}
frontend by-hand
  bind 127.0.0.1:${port}
${lines.map(line => `  ${line}`).join('\n')}
  default_backend targets

backend targets
  balance roundrobin
  option httpchk GET /
  server one 127.0.0.1:${backendPort} check inter 5s
`,
    port,
  )

const startHaproxy = async (config: string, port: number): Promise<Haproxy> => {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-'))
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, config)
  const child = spawn('haproxy', ['-db', '-f', file], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  await answers(child, port)
  return {
    pid: child.pid ?? -1,
    dispose: async () => {
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const answers = (child: ChildProcess, port: number): Promise<true> =>
  waitFor('HAProxy answers', async () => {
    if (child.exitCode !== null) throw new Error(`haproxy ended with ${child.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200 || undefined
  })
