// Where the server's websockets are: DiscoverPollEndpoint's answer, remembered for twelve hours as the ECS agent does, but asked
// for again after a connection failed. Before: life.ts. After: link.ts connects there.
import type { Clock } from '../lib/clock.ts'
import type { Api } from './api.ts'

const REMEMBER_MS = 12 * 60 * 60_000

type Endpoints = { readonly acs: string; readonly tcs: string; readonly at: number }

export class PollEndpoints {
  readonly #api: Api
  readonly #clock: Clock
  #known: Promise<Endpoints> | undefined

  constructor(api: Api, clock: Clock) {
    this.#api = api
    this.#clock = clock
  }

  /** Base URLs of both links; `afterFailure`: the known ones did not work. */
  async get(cluster: string, containerInstance: string, afterFailure: boolean): Promise<Endpoints> {
    const known = await this.#known?.catch(() => undefined)
    const now = this.#clock.now()
    // Both links ask after the same failure: what one of them just found serves the other.
    const usable = known && now - known.at < (afterFailure ? 1_000 : REMEMBER_MS)
    if (usable) return known
    this.#known = this.#discover(cluster, containerInstance)
    return this.#known
  }

  async #discover(cluster: string, containerInstance: string): Promise<Endpoints> {
    const { endpoint, telemetryEndpoint } = await this.#api.discoverPollEndpoint({ cluster, containerInstance })
    if (!endpoint || !telemetryEndpoint) throw new Error('DiscoverPollEndpoint answered without endpoints')
    return { acs: endpoint, tcs: telemetryEndpoint, at: this.#clock.now() }
  }
}

/** Form-encoded, as the ECS agent sends it: a space is a `+`. */
export const linkUrl = (endpoint: string, query: Readonly<Record<string, string>>): URL =>
  new URL(`${endpoint.replace(/\/$/, '')}/ws?${new URLSearchParams(query)}`)
