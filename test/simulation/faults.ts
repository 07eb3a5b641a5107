// How badly a simulated world treats its inhabitants, drawn from the seed: each seed has its own mixture, so that some worlds
// know only crashes, some only a bad network, and some all of it. After `until` everything works.
import type { Chance } from './chance.ts'
import type { WorldClock } from './world-clock.ts'

export type FaultRates = {
  /** Of a journal's write: the process dies before it is durable, after; the disk refuses it; it takes seconds. */
  readonly crashBeforeWrite: number
  readonly crashAfterWrite: number
  readonly failedWrite: number
  readonly slowWrite: number
  /** Of a look whether the disk has room. */
  readonly fullDisk: number
  /** The same for an agent's journal. */
  readonly agentCrash: number
  readonly agentFailedWrite: number
  /** Of a frame on a link. */
  readonly lostFrame: number
  readonly doubleFrame: number
  readonly lateFrame: number
  readonly brokenLink: number
  /** Of a call. */
  readonly lostRequest: number
  readonly lostAnswer: number
  readonly doubleRequest: number
  /** Of a request that is doubled: it comes again minutes later. */
  readonly lateDouble: number
  /** Of what is asked of a container engine. */
  readonly engineError: number
  readonly engineSlow: number
  readonly lostEvent: number
  /** Of a pull: it takes up to a minute; the registry does not have it this time. */
  readonly slowPull: number
  readonly failedPull: number
  /** Seconds between disasters, on average: a host that vanishes, a container that dies, a clock that jumps ... 0: none. */
  readonly disasterSeconds: number
}

export type Faults = {
  readonly is: (rate: Exclude<keyof FaultRates, 'disasterSeconds'>) => boolean
} & {
  readonly on: () => boolean
  readonly disasterSeconds: number
}

export const NO_FAULTS: FaultRates = {
  crashBeforeWrite: 0,
  crashAfterWrite: 0,
  failedWrite: 0,
  slowWrite: 0,
  fullDisk: 0,
  agentCrash: 0,
  agentFailedWrite: 0,
  lostFrame: 0,
  doubleFrame: 0,
  lateFrame: 0,
  brokenLink: 0,
  lostRequest: 0,
  lostAnswer: 0,
  doubleRequest: 0,
  lateDouble: 0,
  engineError: 0,
  engineSlow: 0,
  lostEvent: 0,
  slowPull: 0,
  failedPull: 0,
  disasterSeconds: 0,
}

/** What a bad day looks like; a seed has each fault at one of these shares of it. */
const SHARES = [0, 0.1, 0.3, 1, 3]
const BAD_DAY: FaultRates = {
  crashBeforeWrite: 0.015,
  crashAfterWrite: 0.015,
  failedWrite: 0.008,
  slowWrite: 0.15,
  fullDisk: 0.2,
  agentCrash: 0.02,
  agentFailedWrite: 0.005,
  lostFrame: 0.02,
  doubleFrame: 0.1,
  lateFrame: 0.2,
  brokenLink: 0.03,
  lostRequest: 0.1,
  lostAnswer: 0.1,
  doubleRequest: 0.1,
  lateDouble: 0.1,
  engineError: 0.03,
  engineSlow: 0.1,
  lostEvent: 0.05,
  slowPull: 0.1,
  failedPull: 0.05,
  disasterSeconds: 8,
}

export const drawRates = (chance: Chance): FaultRates => {
  const rates: Record<string, number> = {}
  for (const [name, rate] of Object.entries(BAD_DAY)) {
    const share = chance.pick(SHARES)
    rates[name] = name === 'disasterSeconds' && share > 0 ? rate / share : rate * share
  }
  return { ...NO_FAULTS, ...rates }
}

export const faultsOf = (rates: FaultRates, chance: Chance, clock: WorldClock, until: number): Faults => {
  const on = (): boolean => clock.now() < until
  return {
    is: rate => on() && chance.happens(rates[rate]),
    on,
    disasterSeconds: rates.disasterSeconds,
  }
}
