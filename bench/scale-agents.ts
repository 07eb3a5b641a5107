// The hosts of bench/scale.ts, a process of its own: so many agents over real sockets, with simulated containers. Prints a line
// when all are registered; ends, tasks left as they are, when its standard input ends.
//   node bench/scale-agents.ts <endpoint> <region> <instances>
import { systemClock } from '../src/lib/clock.ts'
import { systemIds } from '../src/lib/ids.ts'
import { silentLog } from '../src/lib/log.ts'
import { startSimulatedAgents } from '../src/roles/agents.ts'
import { KEYS } from '../test/e2e/stowage.ts'

/** Agents that register at a time: a thousand at once would only queue at the server. */
const AT_A_TIME = 50

const [endpoint = '', region = '', count = '1'] = process.argv.slice(2)
const parts = { clock: systemClock(), ids: systemIds(), log: silentLog }
const target = { endpoint, cluster: 'default', credentials: KEYS }
const options = {
  region,
  attributes: [],
  imagePullBehavior: 'prefer-cached',
  reservedMemory: 0,
  taskCleanupWait: 600,
} as const
for (let left = Number(count); left > 0; left -= AT_A_TIME)
  await startSimulatedAgents(target, options, Math.min(AT_A_TIME, left), parts)
process.stdout.write('registered\n')
process.stdin.resume().on('end', () => process.exit(0))
