// Which hours to look into for rows that are past their time. Pure. Rows are found by the hour in which they ended, so that
// what is young costs nothing.

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * At start: as far back as a server may have stood still with rows left over. Later: as far back as the time of a row may lie
 * when it is written, an agent's late report. An hour costs one look at a counter.
 */
export const LOOK_BACK_MS = { first: 400 * DAY_MS, later: 31 * DAY_MS }

/** A time in each hour from `cutoff - lookBackMs` to `cutoff`, oldest first. */
export const hoursUntil = (cutoff: number, lookBackMs: number): readonly number[] => {
  const last = Math.floor(cutoff / HOUR_MS)
  const first = Math.floor((cutoff - lookBackMs) / HOUR_MS)
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * HOUR_MS)
}
