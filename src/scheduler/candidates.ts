// Candidates for placement, from a container instance's row and what runs where (facts.ts). Nothing here reads the store.
// Figures are getters: an instance that is refused early never has the later ones worked out.
import type { ContainerInstance } from '../domain/container-instance.ts'
import type { Reservation } from '../domain/task-definition.ts'
import { KnownInstance, type Occupancy, type Sums } from './facts.ts'
import type { Candidate } from './place.ts'

/** One instance for tasks of one group (`<clusterArn>|<group>`). The sums are read when asked for, so a sum that changes shows. */
export const candidateOf = (instance: ContainerInstance, group: string, occupancy: Occupancy): Candidate =>
  new InstanceCandidate(instance, occupancy.spreadOf(group), occupancy)

class InstanceCandidate extends KnownInstance implements Candidate {
  readonly arn: string
  readonly availabilityZone: string
  readonly #spread: Sums
  // Made once: a name that is put together anew is hashed anew at each look-up.
  readonly #here: string
  readonly #inZone: string

  constructor(instance: ContainerInstance, spread: Sums, occupancy: Occupancy) {
    super(instance, occupancy)
    this.arn = instance.arn
    this.availabilityZone = instance.availabilityZone
    this.#spread = spread
    this.#here = `instance:${instance.arn}`
    this.#inZone = `zone:${instance.availabilityZone}`
  }

  get status() {
    return this.instance.status
  }
  get remainingCpu() {
    return this.instance.registered.cpu - (this.usage['cpu'] ?? 0)
  }
  get remainingMemory() {
    return this.instance.registered.memory - (this.usage['memory'] ?? 0)
  }
  get groupTasksHere() {
    return this.#spread[this.#here] ?? 0
  }
  get groupTasksInZone() {
    return this.#spread[this.#inZone] ?? 0
  }
  get tasksHere() {
    return (this.usage['running'] ?? 0) + (this.usage['pending'] ?? 0) + (this.usage['stopping'] ?? 0)
  }

  portTaken(protocol: 'tcp' | 'udp', port: number): boolean {
    const { ports, portsUdp } = this.instance.registered
    return (protocol === 'tcp' ? ports : portsUdp).includes(port) || (this.usage[`${protocol}:${port}`] ?? 0) > 0
  }
}

/** Candidates for placing several tasks one after the other: what is placed counts for the next one. */
export type Pool = {
  /** For a task of this group. `group`: the key of the `spread` sums, `<clusterArn>|<group>`. */
  readonly candidates: (group: string) => readonly Candidate[]
  /** Counts a task of that group onto an instance of the pool. */
  readonly take: (arn: string, reservation: Reservation, group: string) => void
}

type Group = { readonly spread: Record<string, number>; readonly candidates: readonly Candidate[] }

export const candidatePool = (instances: Iterable<ContainerInstance>, occupancy: Occupancy): Pool => {
  const seats = new Map<string, { readonly instance: ContainerInstance; readonly usage: Record<string, number> }>()
  for (const instance of instances) seats.set(instance.arn, { instance, usage: { ...occupancy.usageOf(instance.arn) } })
  const groups = new Map<string, Group>()
  const taken = new Map<string, Set<string>>()
  // What there is with what was taken; a group that none was taken of is as it was.
  const withTaken: Occupancy = {
    usageOf: arn => seats.get(arn)?.usage ?? {},
    spreadOf: group => groups.get(group)?.spread ?? occupancy.spreadOf(group),
    groupsOn: function* (arn) {
      yield* taken.get(arn) ?? []
      yield* occupancy.groupsOn(arn)
    },
  }
  const groupOf = (name: string): Group => {
    const known = groups.get(name)
    if (known !== undefined) return known
    const spread = { ...occupancy.spreadOf(name) }
    const candidates = Array.from(seats.values(), ({ instance }) => new InstanceCandidate(instance, spread, withTaken))
    const group = { spread, candidates }
    groups.set(name, group)
    return group
  }
  return {
    candidates: group => groupOf(group).candidates,
    take: (arn, reservation, group) => {
      const seat = seats.get(arn)
      if (seat === undefined) return
      addTo(seat.usage, { cpu: reservation.cpu, memory: reservation.memory, pending: 1 })
      for (const port of reservation.ports) addTo(seat.usage, { [`tcp:${port}`]: 1 })
      for (const port of reservation.portsUdp) addTo(seat.usage, { [`udp:${port}`]: 1 })
      addTo(groupOf(group).spread, { [`instance:${arn}`]: 1, [`zone:${seat.instance.availabilityZone}`]: 1 })
      taken.set(arn, (taken.get(arn) ?? new Set()).add(group))
    },
  }
}

const addTo = (sums: Record<string, number>, more: Sums): void => {
  for (const [name, value] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + value
}
