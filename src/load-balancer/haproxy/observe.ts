// Reads `show stat` of a target group's sections into what the loop compares: one ObservedTarget a target.
// https://docs.haproxy.org/2.6/management.html#9.1
import type { CheckResult, ObservedTarget } from '../../domain/load-balancing/observed-target.ts'
import type { TargetGroup } from '../../domain/load-balancing/target-group.ts'

const COLUMNS = { section: 0, name: 1, queued: 2, sessions: 4, status: 17, check: 36, code: 37, address: 73 } as const
type Row = Readonly<Record<keyof typeof COLUMNS, string>>

const rowsOf = (csv: string): readonly Row[] =>
  csv
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => line.split(','))
    // A section that there is not yet is answered by a sentence.
    .filter(cells => cells.length > COLUMNS.address)
    .map(cells => {
      const at = (column: keyof typeof COLUMNS): string => cells[COLUMNS[column]] ?? ''
      return {
        ...{ section: at('section'), name: at('name'), queued: at('queued'), sessions: at('sessions') },
        ...{ status: at('status'), check: at('check').replace(/^\* /, ''), code: at('code'), address: at('address') },
      }
    })

const FAILED = 'Health checks failed'

// A network load balancer's only reason is that checks failed.
const checkOf = ({ check, code }: Row, group: TargetGroup): CheckResult => {
  if (/^L\dOKC?$/.test(check)) return { result: 'passed' }
  if (check === '' || check === 'INI' || check === 'UNK') return { result: 'none' }
  const network = group.protocol === 'TCP' || group.protocol === 'TLS'
  if (!network && check === 'L7STS')
    return {
      result: 'failed',
      reason: 'Target.ResponseCodeMismatch',
      description: `${FAILED} with these codes: [${code}]`,
    }
  if (!network && /^L\dTOUT$/.test(check))
    return { result: 'failed', reason: 'Target.Timeout', description: 'Request timed out' }
  return { result: 'failed', reason: 'Target.FailedHealthChecks', description: FAILED }
}

const OPEN = '.open'

/** `csv`: of the newest process. `ending`: of older ones, which may have requests of a target under way. */
export const observedIn = (csv: string, ending: readonly string[], group: TargetGroup): readonly ObservedTarget[] => {
  const rows = rowsOf(csv)
  const sessions = new Map<string, number>()
  for (const { name, sessions: under, queued } of [...rows, ...ending.flatMap(rowsOf)]) {
    const target = name.replace(OPEN, '')
    sessions.set(target, (sessions.get(target) ?? 0) + Number(under) + Number(queued))
  }
  const open = new Map(rows.filter(({ name }) => name.endsWith(OPEN)).map(row => [row.name, row]))
  return rows
    .filter(({ name }) => !name.endsWith(OPEN))
    .map(row => {
      const initial = row.section.endsWith('.initial')
      const check = checkOf(row, group)
      // The checked entry says DOWN whether it drains or not; the other one is never down.
      const admin = adminOf(row, initial ? undefined : open.get(row.name + OPEN), initial)
      return {
        ...{ name: row.name, address: row.address, phase: initial ? 'initial' : 'known', admin, check },
        up: initial ? check.result === 'passed' : /^(UP|DRAIN|no check)/.test(row.status),
        sessions: sessions.get(row.name) ?? 0,
      }
    })
}

const adminOf = (row: Row, open: Row | undefined, initial: boolean): ObservedTarget['admin'] => {
  if (row.status.startsWith('MAINT') || (!initial && (open === undefined || open.status.startsWith('MAINT'))))
    return 'maintenance'
  return (open ?? row).status.startsWith('DRAIN') ? 'drain' : 'ready'
}
