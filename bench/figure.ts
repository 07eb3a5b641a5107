// What a benchmark measures, and how it is run: by bench/run.ts with the others, or by itself (node bench/<name>.ts [--quick]).
import { percentile } from '../test/e2e/percentile.ts'

export type Figure = {
  readonly what: string
  /** With its unit, as a reader wants it. */
  readonly measured: string
  /** The design's number, where there is one. */
  readonly hold?: string
  readonly met?: boolean
}

export type Benchmark = (options: { readonly quick: boolean }) => Promise<readonly Figure[]>

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** `p50 0.21 s, p95 0.30 s (30 runs)`, of milliseconds. */
export const spread = (times: readonly number[]): string =>
  `p50 ${seconds(percentile(times, 0.5))}, p95 ${seconds(percentile(times, 0.95))} (${times.length} runs)`

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

export const atMost = (value: number, limit: number, text: string) => ({ hold: `<= ${text}`, met: value <= limit })
export const atLeast = (value: number, limit: number, text: string) => ({ hold: `>= ${text}`, met: value >= limit })

/** One that fails is a figure that is missed: those of the others are not lost with it. */
export const attempt = async (what: string, measure: () => Promise<readonly Figure[]>): Promise<readonly Figure[]> => {
  try {
    return await measure()
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n')
    return [{ what, measured: `failed: ${why}`, met: false }]
  }
}

export const printFigures = (figures: readonly Figure[]): void => {
  const rows = figures.map(({ what, measured, hold = '', met }) => ({
    what,
    measured,
    hold,
    met: met === undefined ? '' : met ? 'yes' : 'NO',
  }))
  const width = (key: 'what' | 'measured' | 'hold') => Math.max(...rows.map(row => row[key].length))
  for (const row of rows) {
    const cells = [
      row.what.padEnd(width('what')),
      row.measured.padEnd(width('measured')),
      row.hold.padEnd(width('hold')),
    ]
    process.stdout.write(`${cells.join('  ')}  ${row.met}\n`)
  }
}

/** For a benchmark's file that is run by itself. */
export const runAlone = async (benchmark: Benchmark): Promise<void> => {
  printFigures(await benchmark({ quick: process.argv.includes('--quick') }))
}
