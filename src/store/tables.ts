// The tables, each with the indexes and sums that its readers need. Keys are ARNs where AWS gives one.

import { type AccountSetting, accountSettingKey } from '../domain/account-setting.ts'
import { familySpaceOf, isDaemonArn, scopeOf } from '../domain/arn.ts'
import { type CapacityProvider, capacityProviderOf, providerKey } from '../domain/capacity-provider.ts'
import type { Cluster } from '../domain/cluster.ts'
import { type ContainerInstance, ec2InstanceKey, inactiveSince } from '../domain/container-instance.ts'
import { gpuKey } from '../domain/gpu.ts'
import type { IdempotencyRecord } from '../domain/idempotency.ts'
import type { Deployment, Service, ServiceEvent } from '../domain/service.ts'
import { isOver, type ServiceDeployment, type ServiceRevision } from '../domain/service-deployment.ts'
import { hasNoHostYet, type Task } from '../domain/task.ts'
import type { TaskDefinition, TaskDefinitionFamily } from '../domain/task-definition.ts'
import { shiftsTraffic } from '../domain/traffic-shift.ts'
import { isRebalanced } from '../domain/zone-rebalancing.ts'
import { loadBalancingTables } from './load-balancing-tables.ts'
import { networkTables } from './network-tables.ts'
import { defineTable } from './table.ts'

const HOUR_MS = 3_600_000

/** The hour of a time, counted from the epoch. The `...ByHour` indexes let the retention loop find what is old without looking at the rest. */
export const hourOf = (ms: number): string => String(Math.floor(ms / HOUR_MS))

const hourOfAny = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : hourOf(ms))

export const clusters = defineTable<Cluster>({
  name: 'clusters',
  key: row => row.arn,
  indexes: {
    activeByRegion: row => (row.status === 'ACTIVE' ? scopeOf(row.arn).region : undefined),
    inactiveByHour: row => (row.status === 'INACTIVE' ? hourOfAny(row.inactiveAt) : undefined),
  },
  sums: {
    /** How many clusters of a region a capacity provider is associated with. */
    byProvider: (row, add) => {
      if (row.status !== 'ACTIVE') return
      for (const name of row.capacityProviders) add(scopeOf(row.arn).region, name, 1)
    },
  },
})

export const capacityProviders = defineTable<CapacityProvider>({
  name: 'capacityProviders',
  key: row => row.arn,
  indexes: {
    activeByRegion: row => (row.status === 'ACTIVE' ? scopeOf(row.arn).region : undefined),
    /** One group stands behind one provider. */
    activeByGroup: row =>
      row.status === 'ACTIVE'
        ? `${scopeOf(row.arn).region}|${row.autoScalingGroupProvider.autoScalingGroupArn}`
        : undefined,
    inactiveByHour: row => (row.status === 'INACTIVE' ? hourOfAny(row.inactiveAt) : undefined),
  },
})

/**
 * Keyed so that key order is AWS's list order: family by letters, revision by number. The space sorts before all that a
 * family may hold, so that `web` comes before `web-2`. `region`: `familySpaceOf` the definition.
 */
export const taskDefinitionKey = (region: string, family: string, revision: number): string =>
  `${region}/${family} ${revision.toString().padStart(10, '0')}`

export const taskDefinitions = defineTable<TaskDefinition>({
  name: 'taskDefinitions',
  key: row => taskDefinitionKey(familySpaceOf(row.arn), row.family, row.revision),
  indexes: {
    byRegionStatus: row => `${familySpaceOf(row.arn)}|${row.status}`,
    byFamilyStatus: row => `${familySpaceOf(row.arn)}/${row.family}|${row.status}`,
    /** To be removed once nothing refers to them: the retention loop's work. */
    deleting: row => (row.status === 'DELETE_IN_PROGRESS' ? 'deleting' : undefined),
  },
})

export const taskDefinitionFamilies = defineTable<TaskDefinitionFamily>({
  name: 'taskDefinitionFamilies',
  key: row => row.key,
  indexes: { byRegion: row => row.region },
})

export const subnetAddressKey = (subnetId: string, ipv4: string): string => `${subnetId}|${ipv4}`

/** `byX|desiredStatus` indexes serve ListTasks; `live...` ones hold tasks that are not STOPPED yet and serve the loops. */
export const tasks = defineTable<Task>({
  name: 'tasks',
  key: row => row.arn,
  indexes: {
    byClusterDesired: row => `${row.clusterArn}|${row.desiredStatus}`,
    byServiceDesired: row => (row.serviceArn ? `${row.serviceArn}|${row.desiredStatus}` : undefined),
    byFamilyDesired: row => `${row.clusterArn}|${row.family}|${row.desiredStatus}`,
    byInstanceDesired: row =>
      row.containerInstanceArn ? `${row.containerInstanceArn}|${row.desiredStatus}` : undefined,
    byStartedByDesired: row => (row.startedBy ? `${row.clusterArn}|${row.startedBy}|${row.desiredStatus}` : undefined),
    liveByService: row => (row.serviceArn && row.lastStatus !== 'STOPPED' ? row.serviceArn : undefined),
    liveByInstance: row =>
      row.containerInstanceArn && row.lastStatus !== 'STOPPED' ? row.containerInstanceArn : undefined,
    liveByCluster: row => (row.lastStatus !== 'STOPPED' ? row.clusterArn : undefined),
    liveByAddress: row =>
      row.subnetAddress && row.lastStatus !== 'STOPPED'
        ? subnetAddressKey(row.subnetAddress.subnetId, row.subnetAddress.ipv4)
        : undefined,
    liveByTaskDefinition: row => (row.lastStatus !== 'STOPPED' ? row.taskDefinitionArn : undefined),
    /** Ended service tasks that their deployment's loop has not counted yet. */
    unsettledByService: row =>
      row.serviceArn && row.lastStatus === 'STOPPED' && !row.settled ? row.serviceArn : undefined,
    /** Waiting for a host: the placement loop's work. */
    unplaced: row => (hasNoHostYet(row) ? row.clusterArn : undefined),
    /** Those of them that were made for one instance. */
    unplacedMadeFor: row => (row.madeFor !== undefined && hasNoHostYet(row) ? row.clusterArn : undefined),
    /** Load balancers are not done with them yet: the targets loop's work. */
    deactivating: row => (row.lastStatus === 'DEACTIVATING' ? 'deactivating' : undefined),
    /** Stopped tasks by the hour they stopped in: the retention loop's work. */
    stoppedByHour: row => hourOfAny(row.stoppedAt),
  },
  sums: {
    /** What is taken on an instance: cpu, memory, running and pending tasks, and a counter for each fixed host port (`tcp:80`). */
    usage: (row, add) => {
      const instance = row.containerInstanceArn
      if (!instance || row.lastStatus === 'STOPPED') return
      add(instance, 'cpu', row.reservation.cpu)
      add(instance, 'memory', row.reservation.memory)
      add(instance, countedAs(row), 1)
      for (const port of row.reservation.ports) add(instance, `tcp:${port}`, 1)
      for (const port of row.reservation.portsUdp) add(instance, `udp:${port}`, 1)
      for (const { gpuIds = [] } of row.containers) for (const id of gpuIds) add(instance, gpuKey(id), 1)
      // What an instance with a critical daemon waits for.
      if (row.madeFor && isDaemonArn(row.serviceArn ?? '') && isServing(row))
        add(instance, `daemon:${row.serviceArn}`, 1)
    },
    byDeployment: (row, add) => {
      if (row.deploymentId && row.lastStatus !== 'STOPPED') add(row.deploymentId, countedInServiceAs(row), 1)
    },
    byService: (row, add) => {
      if (row.serviceArn && row.lastStatus !== 'STOPPED') add(row.serviceArn, countedInServiceAs(row), 1)
    },
    /** Wanted tasks of a deployment by capacity provider: what the next task's provider is chosen by. */
    wantedByProvider: (row, add) => {
      const wanted = row.desiredStatus === 'RUNNING' && row.lastStatus !== 'STOPPED'
      if (row.deploymentId && row.capacityProviderName && wanted) add(row.deploymentId, row.capacityProviderName, 1)
    },
    /** In all, by launch type (`EC2:running`), and by capacity provider (`provider:FARGATE`). */
    byCluster: (row, add) => {
      if (row.lastStatus === 'STOPPED') return
      const counted = countedAs(row)
      add(row.clusterArn, counted, 1)
      if (counted !== 'stopping') add(row.clusterArn, `${row.launchType}:${counted}`, 1)
      if (row.capacityProviderName) add(row.clusterArn, `provider:${row.capacityProviderName}`, 1)
    },
    /** How many of a group's tasks stand on an instance and in a zone: `<clusterArn>|<group>` -> `instance:<arn>`, `zone:<name>`. */
    spread: (row, add) => {
      if (!countsInSpread(row)) return
      const group = `${row.clusterArn}|${row.group}`
      add(group, `instance:${row.containerInstanceArn}`, 1)
      if (countsInZone(row)) add(group, `zone:${row.availabilityZone}`, 1)
    },
  },
})

/** On an instance, and meant to stay. */
export const countsInSpread = (row: Task): boolean =>
  row.containerInstanceArn !== undefined && row.lastStatus !== 'STOPPED' && row.desiredStatus !== 'STOPPED'

/** Of those: not on a lost instance. Its zone would seem to have what is being replaced, and get no replacement. */
export const countsInZone = (row: Task): boolean => row.connectivity !== 'DISCONNECTED'

const isServing = (row: Task): boolean => row.lastStatus === 'RUNNING' && row.desiredStatus === 'RUNNING'

/** As ECS counts: running is RUNNING and wanted; pending is what is on its way there; stopping is the rest. */
const countedAs = (row: Task): 'running' | 'pending' | 'stopping' => {
  if (row.lastStatus === 'RUNNING') return 'running'
  return row.desiredStatus === 'STOPPED' ? 'stopping' : 'pending'
}

// What a service has: a task that nobody can see is not counted as running, nor as on its way there.
const countedInServiceAs = (row: Task): ReturnType<typeof countedAs> =>
  row.connectivity === 'DISCONNECTED' ? 'stopping' : countedAs(row)

export const services = defineTable<Service>({
  name: 'services',
  key: row => row.arn,
  indexes: {
    /** ListServices shows ACTIVE ones only. */
    activeByCluster: row => (row.status === 'ACTIVE' && !row.daemon ? row.clusterArn : undefined),
    /** ListDaemons shows those that are not gone yet. */
    managedDaemons: row => (row.status !== 'INACTIVE' && row.daemon ? row.clusterArn : undefined),
    /** Without these an instance gets no other tasks. */
    criticalDaemons: row => (row.status === 'ACTIVE' && row.daemon?.critical ? row.clusterArn : undefined),
    /** The deployment loop looks at these. */
    live: row => (row.status === 'INACTIVE' ? undefined : 'live'),
    /** A change of a cluster's instances is a change of what these are to run. */
    daemonsByCluster: row =>
      row.schedulingStrategy === 'DAEMON' && row.status === 'ACTIVE' ? row.clusterArn : undefined,
    /** An instance that comes may even out the zones of these: by cluster, or `fargate`. */
    rebalanced: row => {
      if (!isRebalanced(row)) return undefined
      return row.launchType === 'FARGATE' ? 'fargate' : row.clusterArn
    },
    inactiveByHour: row => (row.status === 'INACTIVE' ? hourOfAny(row.inactiveAt) : undefined),
  },
  sums: {
    /** By launch type and status (`EC2:ACTIVE`), and by capacity provider of their strategies (`provider:FARGATE`). */
    byCluster: (row, add) => {
      if (row.status === 'INACTIVE') return
      if (!row.daemon) add(row.clusterArn, `${row.launchType}:${row.status}`, 1)
      const strategy = row.capacityProviderStrategy?.map(item => item.capacityProvider)
      const providers = new Set(row.daemon?.capacityProviders ?? strategy)
      for (const provider of providers) add(row.clusterArn, `provider:${provider}`, 1)
    },
  },
})

export const deployments = defineTable<Deployment>({
  name: 'deployments',
  key: row => row.id,
  indexes: {
    liveByService: row => (row.status === 'INACTIVE' ? undefined : row.serviceArn),
    liveByTaskDefinition: row => (row.status === 'INACTIVE' ? undefined : row.taskDefinitionArn),
    inactiveByHour: row => (row.status === 'INACTIVE' ? hourOf(row.updatedAt) : undefined),
  },
})

export const serviceRevisions = defineTable<ServiceRevision>({
  name: 'serviceRevisions',
  key: row => row.arn,
  indexes: { byService: row => row.serviceArn, byTaskDefinition: row => row.taskDefinitionArn },
})

/** Where a service's deployments that were created at `before` or earlier begin: the newest comes first. */
export const serviceDeploymentsFrom = (serviceArn: string, before: number): string =>
  `${serviceArn}|${(LAST_TIME - before).toString().padStart(14, '0')}`

/** The last time that a Date can hold. */
const LAST_TIME = 8_640_000_000_000_000

/** Keyed so that key order is the newest first within a service, as they are listed. */
export const serviceDeployments = defineTable<ServiceDeployment>({
  name: 'serviceDeployments',
  key: row => `${serviceDeploymentsFrom(row.serviceArn, row.createdAt)}|${row.arn}`,
  indexes: {
    byArn: row => row.arn,
    byService: row => row.serviceArn,
    /** Those that the deployment loop still moves on: seldom more than one. */
    openByService: row => (isOver(row) ? undefined : row.serviceArn),
    overByHour: row => (isOver(row) ? hourOf(row.updatedAt) : undefined),
    /** Those that wait for listener rules, among others. */
    shifting: row => (!isOver(row) && shiftsTraffic(row.deploymentConfiguration) ? 'shifting' : undefined),
  },
})

/** Keyed so that key order is time order within a service. */
export const serviceEvents = defineTable<ServiceEvent>({
  name: 'serviceEvents',
  key: row =>
    `${row.serviceArn}|${row.createdAt.toString().padStart(14, '0')}|${row.sequence.toString().padStart(10, '0')}`,
  indexes: { byService: row => row.serviceArn },
})

export const containerInstances = defineTable<ContainerInstance>({
  name: 'containerInstances',
  key: row => row.arn,
  indexes: {
    /** INACTIVE (deregistered) instances can be described, not listed. */
    byCluster: row => (row.status === 'INACTIVE' ? undefined : row.clusterArn),
    /** Where tasks of an operator's own capacity provider may go: `providerKey`. */
    byCapacityProvider: row => {
      const provider = row.status === 'INACTIVE' ? undefined : capacityProviderOf(row)
      return provider === undefined ? undefined : providerKey(row.clusterArn, provider)
    },
    /** What a load balancer's targets of type instance are called. */
    byEc2InstanceId: row =>
      row.status === 'INACTIVE' || row.ec2InstanceId === undefined
        ? undefined
        : ec2InstanceKey(scopeOf(row.arn).region, row.ec2InstanceId),
    inactiveByHour: row => (row.status === 'INACTIVE' ? hourOf(inactiveSince(row)) : undefined),
    /** Mostly none: services then need not ask where their tasks are. */
    draining: row => (row.status === 'DRAINING' ? 'draining' : undefined),
    /** Where FARGATE tasks of any cluster may go. */
    fargate: row => (row.fargateCapacity && row.status === 'ACTIVE' ? 'fargate' : undefined),
  },
  sums: {
    /** How many usable instances each zone has, of a cluster, of a cluster's provider (`providerKey`), and for FARGATE tasks (`fargate`). */
    zones: (row, add) => {
      if (row.status !== 'ACTIVE' || row.lostAt !== undefined) return
      add(row.clusterArn, row.availabilityZone, 1)
      const provider = capacityProviderOf(row)
      if (provider !== undefined) add(providerKey(row.clusterArn, provider), row.availabilityZone, 1)
      if (row.fargateCapacity) add('fargate', row.availabilityZone, 1)
    },
  },
})

/** Few: a row a principal and name. Found by key alone. */
export const accountSettings = defineTable<AccountSetting>({ name: 'accountSettings', key: accountSettingKey })

export const idempotency = defineTable<IdempotencyRecord>({
  name: 'idempotency',
  key: row => row.key,
  indexes: { createdByHour: row => hourOf(row.createdAt) },
})

export const allTables = [
  clusters,
  capacityProviders,
  taskDefinitions,
  taskDefinitionFamilies,
  tasks,
  services,
  deployments,
  serviceRevisions,
  serviceDeployments,
  serviceEvents,
  containerInstances,
  idempotency,
  accountSettings,
  ...loadBalancingTables,
  ...networkTables,
] as const
