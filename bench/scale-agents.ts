// The hosts of bench/scale.ts, a process of its own: so many over real sockets, each as lean as a host can be (lean-host.ts), or, with
// `whole`, the product's agent with simulated containers. Prints a line when all are registered; ends, tasks left as they are,
// when its standard input ends.
//   node bench/scale-agents.ts <endpoint> <region> <instances> [whole]
import { startAgent } from '../src/agent/start.ts'
import { systemClock } from '../src/lib/clock.ts'
import { systemIds } from '../src/lib/ids.ts'
import { silentLog } from '../src/lib/log.ts'
import { fakeDriver } from '../src/runtime/fake/fake-driver.ts'
import { KEYS } from '../test/e2e/stowage.ts'
import { startLeanHost } from './lean-host.ts'
import { leanTransport } from './lean-transport.ts'

/** Agents that register at a time: a thousand at once would only queue at the server. */
const AT_A_TIME = 50
const ZONES = ['a', 'b', 'c']
/** Room for as many tasks as anybody measures with. */
const SIZE = { cpu: 64 * 1024, memory: 256 * 1024 }

const [endpoint = '', region = '', count = '1', kind = 'lean'] = process.argv.slice(2)
const parts = { clock: systemClock(), ids: systemIds(), log: silentLog }

const start = (index: number): Promise<unknown> => {
  const host = {
    ...parts,
    driver: fakeDriver({ ...parts, ...SIZE }),
    transport: leanTransport({ endpoint: new URL(endpoint), region, credentials: KEYS, clock: parts.clock }),
    settings: { availabilityZone: `${region}${ZONES[index % ZONES.length]}`, launches: 100 },
  }
  return kind === 'whole'
    ? startAgent({ ...host, endpoint, region, credentials: KEYS, cluster: 'default' })
    : startLeanHost({ ...host, endpoint: new URL(endpoint) })
}

for (let from = 0; from < Number(count); from += AT_A_TIME) {
  const many = Math.min(AT_A_TIME, Number(count) - from)
  await Promise.all(Array.from({ length: many }, (_, at) => start(from + at)))
}
process.stdout.write('registered\n')
process.stdin.resume().on('end', () => process.exit(0))
