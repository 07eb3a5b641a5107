// Candidates for placement, from a container instance's row and what runs where (facts.ts). Nothing here reads the store.
// Figures are getters: an instance that is refused early never has the later ones worked out.
import type { ContainerInstance } from '../domain/container-instance.ts'
import { freeGpus } from '../domain/gpu.ts'
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
  readonly #keys: SpreadKeys

  constructor(instance: ContainerInstance, spread: Sums, occupancy: Occupancy) {
    super(instance, occupancy)
    this.arn = instance.arn
    this.availabilityZone = instance.availabilityZone
    this.#spread = spread
    this.#keys = spreadKeysOf(instance)
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
  get remainingGpus() {
    return freeGpus(this.instance, this.usage).length
  }
  get awaitedDaemon() {
    return this.occupancy.awaitedDaemon?.(this.instance)
  }
  get groupTasksHere() {
    return this.#spread[this.#keys.here] ?? 0
  }
  get groupTasksInZone() {
    return this.#spread[this.#keys.inZone] ?? 0
  }
  get tasksHere() {
    return (this.usage['running'] ?? 0) + (this.usage['pending'] ?? 0) + (this.usage['stopping'] ?? 0)
  }

  portTaken(protocol: 'tcp' | 'udp', port: number): boolean {
    const { ports, portsUdp } = this.instance.registered
    return (protocol === 'tcp' ? ports : portsUdp).includes(port) || (this.usage[`${protocol}:${port}`] ?? 0) > 0
  }
}

type SpreadKeys = { readonly here: string; readonly inZone: string }

// Made once a row: a name that is put together anew is hashed anew at its first look-up, for every instance in every run.
const knownKeys = new WeakMap<ContainerInstance, SpreadKeys>()

const spreadKeysOf = (instance: ContainerInstance): SpreadKeys => {
  const known = knownKeys.get(instance)
  if (known !== undefined) return known
  const keys = { here: `instance:${instance.arn}`, inZone: `zone:${instance.availabilityZone}` }
  knownKeys.set(instance, keys)
  return keys
}

/** Candidates for placing several tasks one after the other: what is placed counts for the next one. */
export type Pool = {
  /** For a task of this group. `group`: the key of the `spread` sums, `<clusterArn>|<group>`. Made when first asked for. */
  readonly candidates: (group: string, own?: OwnSpread) => readonly Candidate[]
  /** The one for an instance; undefined when it is not of the pool. */
  readonly candidate: (group: string, arn: string) => Candidate | undefined
  /** Counts a task of that group, and of that deployment, onto an instance of the pool. */
  readonly take: (arn: string, reservation: Reservation, group: string, own?: OwnSpread) => void
}

/** One deployment's part of its group's spread: given where other deployments have a part too. */
export type OwnSpread = { readonly deploymentId: string; readonly spread: Sums }

/** What was taken of an instance and is not in the sums yet. */
class Seat {
  readonly instance: ContainerInstance
  cpu = 0
  memory = 0
  gpus = 0
  tasks = 0
  /** `tcp:80`. */
  ports: Set<string> | undefined
  /** By group; and by deployment, where its part is counted. */
  groups: Map<string, number> | undefined

  constructor(instance: ContainerInstance) {
    this.instance = instance
  }
}

type Zones = Map<string, number>

class SeatCandidate extends InstanceCandidate {
  readonly #seat: Seat
  readonly #group: string
  readonly #takenInZones: Zones

  constructor(seat: Seat, group: string, spread: Sums, occupancy: Occupancy, takenInZones: Zones) {
    super(seat.instance, spread, occupancy)
    this.#seat = seat
    this.#group = group
    this.#takenInZones = takenInZones
  }

  override get remainingCpu() {
    return super.remainingCpu - this.#seat.cpu
  }
  override get remainingMemory() {
    return super.remainingMemory - this.#seat.memory
  }
  override get remainingGpus() {
    return super.remainingGpus - this.#seat.gpus
  }
  override get groupTasksHere() {
    return super.groupTasksHere + (this.#seat.groups?.get(this.#group) ?? 0)
  }
  override get groupTasksInZone() {
    return super.groupTasksInZone + (this.#takenInZones.get(this.availabilityZone) ?? 0)
  }
  override get tasksHere() {
    return super.tasksHere + this.#seat.tasks
  }

  override portTaken(protocol: 'tcp' | 'udp', port: number): boolean {
    return super.portTaken(protocol, port) || (this.#seat.ports?.has(`${protocol}:${port}`) ?? false)
  }

  override hasTaskGroup(group: string): boolean {
    return super.hasTaskGroup(group) || (this.#seat.groups?.has(`${this.instance.clusterArn}|${group}`) ?? false)
  }

  protected override *groupsHere(): Generator<string> {
    yield* this.#seat.groups?.keys() ?? []
    yield* super.groupsHere()
  }
}

class RevisionCandidate extends SeatCandidate {
  readonly #revisionSeat: Seat
  readonly #own: OwnSpread
  readonly #ownInZones: Zones
  readonly #ownKeys: SpreadKeys

  constructor(seat: Seat, name: string, group: Group, occupancy: Occupancy, own: OwnSpread, ownInZones: Zones) {
    super(seat, name, group.spread, occupancy, group.zones)
    this.#revisionSeat = seat
    this.#own = own
    this.#ownInZones = ownInZones
    this.#ownKeys = spreadKeysOf(seat.instance)
  }

  get revisionTasksHere() {
    const { deploymentId, spread } = this.#own
    return (spread[this.#ownKeys.here] ?? 0) + (this.#revisionSeat.groups?.get(deploymentId) ?? 0)
  }
  get revisionTasksInZone() {
    return (this.#own.spread[this.#ownKeys.inZone] ?? 0) + (this.#ownInZones.get(this.availabilityZone) ?? 0)
  }
}

type Group = { readonly spread: Sums; readonly zones: Zones; candidates?: readonly Candidate[] }

// Nothing of the sums is copied: what a run costs is what it looks at and takes.
export const candidatePool = (instances: Iterable<ContainerInstance>, occupancy: Occupancy): Pool => {
  const seats = new Map<string, Seat>()
  for (const instance of instances) seats.set(instance.arn, new Seat(instance))
  const groups = new Map<string, Group>()
  const groupOf = (name: string): Group => {
    const known = groups.get(name)
    if (known !== undefined) return known
    const group = { spread: occupancy.spreadOf(name), zones: new Map() }
    groups.set(name, group)
    return group
  }
  const candidateOn = (seat: Seat, name: string, { spread, zones }: Group): Candidate =>
    new SeatCandidate(seat, name, spread, occupancy, zones)
  // What a deployment took of each zone. Its candidates are made anew each time: few groups have two deployments, for a while.
  const ownZones = new Map<string, Zones>()
  const ownZonesOf = (deploymentId: string): Zones => {
    const zones = ownZones.get(deploymentId) ?? new Map()
    ownZones.set(deploymentId, zones)
    return zones
  }
  return {
    candidates: (name, own) => {
      const group = groupOf(name)
      if (own !== undefined) {
        const zones = ownZonesOf(own.deploymentId)
        return Array.from(seats.values(), seat => new RevisionCandidate(seat, name, group, occupancy, own, zones))
      }
      group.candidates ??= Array.from(seats.values(), seat => candidateOn(seat, name, group))
      return group.candidates
    },
    candidate: (name, arn) => {
      const seat = seats.get(arn)
      return seat && candidateOn(seat, name, groupOf(name))
    },
    take: (arn, { cpu, memory, ports, portsUdp, gpus = 0 }, name, own) => {
      const seat = seats.get(arn)
      if (seat === undefined) return
      seat.cpu += cpu
      seat.memory += memory
      seat.gpus += gpus
      seat.tasks++
      if (ports.length > 0 || portsUdp.length > 0) seat.ports ??= new Set()
      for (const port of ports) seat.ports?.add(`tcp:${port}`)
      for (const port of portsUdp) seat.ports?.add(`udp:${port}`)
      seat.groups ??= new Map()
      addOne(seat.groups, name)
      addOne(groupOf(name).zones, seat.instance.availabilityZone)
      if (own === undefined) return
      addOne(seat.groups, own.deploymentId)
      addOne(ownZonesOf(own.deploymentId), seat.instance.availabilityZone)
    },
  }
}

const addOne = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
