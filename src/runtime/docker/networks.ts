// Networks of the host whose addresses are a subnet's: a bridge of the engine each, made when the first task needs it and removed
// with the last. A host whose own network has some of these addresses can't have it: what is in its reach would be cut off.
// Before: the agent, for a task's sandbox. After: the engine's networks.
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { networkOfAddress, overlap, parseCidr } from '../../domain/network.ts'
import type { Log } from '../../lib/log.ts'
import { type ContainerSpec, type Driver, isEngineGoingDown } from '../driver.ts'
import { type Engine, statusOf } from './engine.ts'

const READ_LIMIT_MS = 30_000

/** The engine's networks by which all that is left over can be found. */
export const NETWORK_LABEL = 'stowage.network'

/** One for all agents on this engine: two networks can't have the same addresses. */
const nameOf = (cidr: string): string => `stowage-${cidr.replace('/', '-')}`

export type Networks = Pick<Driver, 'makeNetwork' | 'removeNetwork'> & {
  /** A container was made that will be on a network when it starts, and has started, or will not: until then the network stays. */
  readonly awaits: (spec: ContainerSpec) => void
  readonly arrived: (spec: Pick<ContainerSpec, 'name'>) => void
}

export const networks = (engine: Engine, log: Log): Networks => {
  const awaited = new Map<string, string>()
  const underWay = new Map<string, Promise<string | undefined>>()
  const make = async (cidr: string, gateway: string): Promise<string | undefined> => {
    const name = nameOf(cidr)
    if (await exists(engine, name)) return name
    const taken = hostAddresses().find(address => reaches(address, cidr))
    const problem =
      taken === undefined ? await create(engine, name, cidr, gateway) : `it overlaps ${taken} of this host`
    // Another agent's may have come first.
    if (problem === undefined || (await exists(engine, name))) return name
    log.warn({ subnet: cidr, problem }, 'No network for the subnet: its tasks get addresses of the default bridge')
    return undefined
  }
  return {
    makeNetwork: (cidr, gateway) => {
      // One that is half made has its addresses already, and is not there yet.
      const making = underWay.get(cidr) ?? make(cidr, gateway).finally(() => underWay.delete(cidr))
      underWay.set(cidr, making)
      return making
    },
    removeNetwork: async cidr => {
      const name = nameOf(cidr)
      if ([...awaited.values()].includes(name)) return
      // Refused while a container runs on it, another agent's too.
      await engine
        .call(READ_LIMIT_MS, docker => docker.getNetwork(name).remove())
        .catch(error => {
          if (statusOf(error) === undefined) throw error
        })
    },
    awaits: ({ name, networkMode, ipv4Address }) => {
      if (ipv4Address !== undefined) awaited.set(name, networkMode)
    },
    arrived: ({ name }) => void awaited.delete(name),
  }
}

const exists = (engine: Engine, name: string): Promise<boolean> =>
  engine
    .call(READ_LIMIT_MS, docker => docker.getNetwork(name).inspect())
    .then(
      () => true,
      error => {
        if (statusOf(error) !== 404) throw error
        return false
      },
    )

/** Why not, in the engine's words. */
const create = (engine: Engine, Name: string, Subnet: string, Gateway: string): Promise<string | undefined> =>
  engine
    .call(READ_LIMIT_MS, docker =>
      docker.createNetwork({
        Name,
        Driver: 'bridge',
        CheckDuplicate: true,
        IPAM: { Driver: 'default', Config: [{ Subnet, Gateway: Gateway.split('/')[0] ?? '' }] },
        Labels: { [NETWORK_LABEL]: Subnet },
      }),
    )
    .then(
      () => undefined,
      error => {
        if (statusOf(error) === 409) return undefined
        if (statusOf(error) === undefined || isEngineGoingDown(error)) throw error
        return String(error instanceof Error ? error.message : error)
      },
    )

const hostAddresses = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((all: NetworkInterfaceInfo[] = []) => all)
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .flatMap(({ cidr }) => (cidr === null ? [] : [cidr]))

/** `address`: of the host, with the prefix of its network: `10.0.3.7/24`. */
export const reaches = (address: string, cidr: string): boolean => {
  const own = parseCidr(networkOfAddress(address) ?? '')
  const subnet = parseCidr(cidr)
  return own !== undefined && subnet !== undefined && overlap(own, subnet)
}
