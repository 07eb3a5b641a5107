// One timer for all links' heartbeats: members are spread over slots, and each tick serves one slot. Thousands of links so cost
// one timer, and their heartbeats don't come in one burst. Before: start.ts. After: each member's `beat`.
import type { Clock } from '../lib/clock.ts'

export type HeartbeatWheel = {
  /** `beat` runs once a period, first within one; returns the function that ends it. */
  readonly add: (beat: () => void) => () => void
  readonly stop: () => void
}

const SLOTS = 30

export const heartbeatWheel = (clock: Clock, periodMs: number): HeartbeatWheel => {
  const slots = Array.from({ length: SLOTS }, () => new Set<() => void>())
  let ticks = 0
  let added = 0
  const tick = (): void => {
    timer = clock.after(periodMs / SLOTS, tick)
    for (const beat of [...(slots[ticks++ % SLOTS] ?? [])]) beat()
  }
  let timer = clock.after(periodMs / SLOTS, tick)
  return {
    add: beat => {
      const slot = slots[added++ % SLOTS]
      slot?.add(beat)
      return () => slot?.delete(beat)
    },
    stop: () => timer.cancel(),
  }
}
