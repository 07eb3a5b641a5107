// Decides where load balancers listen and which of their ports cannot be had because another load balancer has them. Pure.
// Application load balancers share a port, told apart by Host; a network load balancer owns its ports. The older one has the port.
// Before: reconciler.ts reads the rows. After: reconciler.ts asks whether the ports are free on this machine.
import type { Listener, LoadBalancer, LoadBalancerState } from '../../domain/load-balancing/load-balancer.ts'

export type ListenersSnapshot = {
  readonly loadBalancers: readonly LoadBalancer[]
  readonly states: readonly LoadBalancerState[]
  readonly listeners: readonly Listener[]
  /** Addresses to listen on. Not empty. */
  readonly pool: readonly string[]
}

export type Placed = { readonly listener: Listener; readonly loadBalancer: LoadBalancer; readonly address: string }

export type ListenersPlan = {
  /** By ARN of the load balancer. */
  readonly addresses: ReadonlyMap<string, string>
  readonly placed: readonly Placed[]
  /** By ARN of the load balancer. */
  readonly refused: ReadonlyMap<string, string>
}

export const planListeners = ({ loadBalancers, states, listeners, pool }: ListenersSnapshot): ListenersPlan => {
  const oldest = loadBalancers.toSorted((a, b) => a.createdAt - b.createdAt || (a.arn < b.arn ? -1 : 1))
  const addresses = addressesOf(oldest, states, pool)
  const byLoadBalancer = Map.groupBy(listeners, ({ loadBalancerArn }) => loadBalancerArn)
  const owners = new Map<string, Placed>()
  const placed: Placed[] = []
  const refused = new Map<string, string>()
  for (const loadBalancer of oldest) {
    const address = addresses.get(loadBalancer.arn) ?? ''
    for (const listener of byLoadBalancer.get(loadBalancer.arn) ?? []) {
      const one = { listener, loadBalancer, address }
      const owner = owners.get(`${address}:${listener.port}`)
      if (owner === undefined) owners.set(`${address}:${listener.port}`, one)
      if (owner === undefined || canShare(owner, one)) placed.push(one)
      else refused.set(loadBalancer.arn, `Port ${listener.port} is in use by load balancer ${owner.loadBalancer.name}`)
    }
  }
  return { addresses, placed, refused }
}

const canShare = (owner: Placed, other: Placed): boolean =>
  owner.loadBalancer.type === 'application' &&
  other.loadBalancer.type === 'application' &&
  owner.listener.protocol === other.listener.protocol

/** What was chosen stays while the pool has it; a new one takes the address with the fewest load balancers. */
const addressesOf = (
  loadBalancers: readonly LoadBalancer[],
  states: readonly LoadBalancerState[],
  pool: readonly string[],
): ReadonlyMap<string, string> => {
  const chosen = new Map<string, string>()
  const before = new Map(states.map(state => [state.loadBalancerArn, state.address]))
  for (const { arn } of loadBalancers) {
    const address = before.get(arn)
    if (address !== undefined && pool.includes(address)) chosen.set(arn, address)
  }
  for (const { arn } of loadBalancers.filter(one => !chosen.has(one.arn))) {
    const load = (address: string): number => [...chosen.values()].filter(other => other === address).length
    const [fewest] = pool.toSorted((a, b) => load(a) - load(b))
    if (fewest !== undefined) chosen.set(arn, fewest)
  }
  return chosen
}
