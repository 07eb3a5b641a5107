// What is known of a container instance: its row, and what runs on it. For the cluster query language, and the base of
// placement's candidates (candidates.ts). Nothing here reads the store: callers pass a view of it. Members are getters, so
// that what nobody asks for is never worked out.
import type { ContainerInstance } from '../domain/container-instance.ts'
import type { InstanceFacts } from './query/instance-facts.ts'

/** As `Reader.sum` answers: `cpu`, `memory`, `running`, `pending`, `stopping`, `tcp:80`; or `instance:<arn>`, `zone:<name>`. */
export type Sums = Readonly<Record<string, number>>

/** What runs where: `occupancyOf(reader)`. A group is named `<clusterArn>|<group>`. */
export type Occupancy = {
  readonly usageOf: (instanceArn: string) => Sums
  /** How many tasks of the group stand on each instance and in each zone. */
  readonly spreadOf: (group: string) => Sums
  /** The groups of the tasks on an instance that are meant to stay; one may come several times. */
  readonly groupsOn: (instanceArn: string) => Iterable<string>
  /** The name of a critical daemon that the instance is to have and that does not run there. */
  readonly awaitedDaemon?: (instance: ContainerInstance) => string | undefined
}

export const factsOf = (instance: ContainerInstance, occupancy: Occupancy): InstanceFacts =>
  new KnownInstance(instance, occupancy)

// A class so that thousands of instances share one set of getters: an object literal's would be made for each.
export class KnownInstance implements InstanceFacts {
  protected readonly instance: ContainerInstance
  protected readonly occupancy: Occupancy
  /** Read once: it is the live record, so that a sum that changes shows. */
  protected readonly usage: Sums

  constructor(instance: ContainerInstance, occupancy: Occupancy) {
    this.instance = instance
    this.occupancy = occupancy
    this.usage = occupancy.usageOf(instance.arn)
  }

  get attributes() {
    return this.instance.attributes
  }
  get agentConnected() {
    return this.instance.agentConnected
  }
  get agentVersion() {
    return this.instance.versionInfo.agentVersion
  }
  get ec2InstanceId() {
    return this.instance.ec2InstanceId
  }
  get registeredAt() {
    return this.instance.registeredAt
  }
  get runningTasksCount() {
    return this.usage['running'] ?? 0
  }

  hasTaskGroup(group: string): boolean {
    const { arn, clusterArn } = this.instance
    return (this.occupancy.spreadOf(`${clusterArn}|${group}`)[`instance:${arn}`] ?? 0) > 0
  }

  // A host that gives FARGATE capacity has other clusters' tasks too; those are in no group of this one.
  *taskGroups(): Generator<string> {
    const own = `${this.instance.clusterArn}|`
    for (const group of this.groupsHere()) if (group.startsWith(own)) yield group.slice(own.length)
  }

  protected *groupsHere(): Generator<string> {
    yield* this.occupancy.groupsOn(this.instance.arn)
  }
}
