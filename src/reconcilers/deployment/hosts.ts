// What the plan needs to know of container instances: for a REPLICA service those of its tasks that matter (draining ones; all
// where stops go by what is left on them), for a DAEMON service all of its cluster.
// Before: reconciler.ts, with the service's tasks. After: plan.ts.
import { capacityProviderOf } from '../../domain/capacity-provider.ts'
import { type ContainerInstance, hasConnected } from '../../domain/container-instance.ts'
import { taskGroupOf } from '../../domain/daemon.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { candidateOf } from '../../scheduler/candidates.ts'
import { suits } from '../../scheduler/filters.ts'
import { placementRequestOf } from '../../scheduler/request.ts'
import { occupancyOf } from '../../store/occupancy.ts'
import type { Reader } from '../../store/store.ts'
import { containerInstances, services, tasks } from '../../store/tables.ts'
import { taskDefinitionOf } from '../task-definition-of.ts'
import { type Host, type Hosts, NO_HOSTS } from './fleet.ts'

export const hostsOf = (
  reader: Reader,
  service: Service,
  deployments: readonly Deployment[],
  live: readonly Task[],
): Hosts => {
  const daemon = service.schedulingStrategy === 'DAEMON'
  return daemon ? daemonHosts(reader, service, deployments) : replicaHosts(reader, service, live)
}

const replicaHosts = (reader: Reader, service: Service, live: readonly Task[]): Hosts => {
  const packed = service.placementStrategy[0]?.type === 'binpack'
  if (!packed && reader.count(containerInstances, 'draining', 'draining') === 0) return NO_HOSTS
  const hosts = new Map<string, Host>()
  const arns = new Set<string>()
  for (const { containerInstanceArn: arn } of live) if (arn !== undefined) arns.add(arn)
  for (const arn of arns) {
    const instance = reader.get(containerInstances, arn)
    if (instance === undefined || !(packed || instance.status === 'DRAINING')) continue
    hosts.set(arn, hostOf(reader, instance, false))
  }
  return hosts
}

const daemonHosts = (reader: Reader, service: Service, deployments: readonly Deployment[]): Hosts => {
  const primary = deployments.find(({ status }) => status === 'PRIMARY') ?? deployments[0]
  if (primary === undefined) return new Map()
  const { launchType } = primary
  const { placementConstraints } = service
  const reservation = { cpu: 0, memory: 0, ports: [], portsUdp: [] }
  const asked = { reservation, launchType, placementConstraints, placementStrategy: [] }
  const request = placementRequestOf(asked, taskDefinitionOf(reader, primary.taskDefinitionArn), 0)
  const group = `${service.clusterArn}|${taskGroupOf(service)}`
  const occupancy = occupancyOf(reader)
  const hosts = new Map<string, Host>()
  for (const instance of reader.byIndex(containerInstances, 'byCluster', service.clusterArn)) {
    const there = hasConnected(instance) && instance.lostAt === undefined
    const own = isOnProvider(primary, instance) && there
    const fits = own && suits(request, candidateOf(instance, group, occupancy))
    hosts.set(instance.arn, hostOf(reader, instance, fits))
  }
  return hosts
}

// A daemon says on whose instances it runs, a DAEMON service runs on all.
const isOnProvider = ({ daemon }: Deployment, instance: ContainerInstance): boolean =>
  daemon === undefined || daemon.capacityProviders.includes(capacityProviderOf(instance) ?? '')

const hostOf = (reader: Reader, instance: ContainerInstance, fits: boolean): Host => {
  const usage = reader.sum(tasks, 'usage', instance.arn)
  const draining = instance.status === 'DRAINING'
  return {
    draining,
    lost: instance.lostAt !== undefined,
    fits,
    busy: draining && hasReplicas(reader, instance.arn),
    cpuLeft: instance.registered.cpu - (usage['cpu'] ?? 0),
    memoryLeft: instance.registered.memory - (usage['memory'] ?? 0),
  }
}

const hasReplicas = (reader: Reader, instanceArn: string): boolean => {
  for (const { serviceArn } of reader.byIndex(tasks, 'liveByInstance', instanceArn))
    if (serviceArn !== undefined && reader.get(services, serviceArn)?.schedulingStrategy === 'REPLICA') return true
  return false
}
