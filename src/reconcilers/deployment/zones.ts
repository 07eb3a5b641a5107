// In which Availability Zones a service's tasks may be, and where there is room for one more. Looked at only for a steady service
// whose counts are not even by the sums, so that it costs nothing when they are; and for one that is being rebalanced.
// Before: reconciler.ts, with the snapshot; triggers.ts, when an instance comes. After: rebalance.ts.
import { providerKey } from '../../domain/capacity-provider.ts'
import { taskGroupOf } from '../../domain/daemon.ts'
import { reservationOf } from '../../domain/reservation.ts'
import type { Deployment, Service } from '../../domain/service.ts'
import { isRebalanced } from '../../domain/zone-rebalancing.ts'
import { candidateOf } from '../../scheduler/candidates.ts'
import { passes, suits } from '../../scheduler/filters.ts'
import { placementRequestOf } from '../../scheduler/request.ts'
import { occupancyOf } from '../../store/occupancy.ts'
import type { Reader } from '../../store/store.ts'
import { containerInstances, tasks } from '../../store/tables.ts'
import { taskDefinitionOf } from '../task-definition-of.ts'

export type Zone = {
  readonly name: string
  /** Capacity providers of which an instance here has room for one more task; '' for a service without a strategy. */
  readonly rooms: ReadonlySet<string>
}

/** Undefined when there is nothing to even out, or not now. */
export const zonesOf = (
  reader: Reader,
  service: Service,
  live: readonly Deployment[],
  now: number,
): readonly Zone[] | undefined => {
  const [deployment, ...others] = live
  if (deployment === undefined || others.length > 0 || !isRebalanced(service)) return undefined
  const { rebalancing } = deployment
  const isDue = deployment.rolloutState === 'COMPLETED' && rebalancing?.zone === undefined
  if (!isDue || (rebalancing?.notBefore ?? 0) > now || !hasAll(reader, service)) return undefined
  const under = rebalancing !== undefined && rebalancing.notBefore === undefined
  return under || looksUneven(reader, service) ? surveyed(reader, service, deployment) : undefined
}

/** By how many tasks each zone has that has instances, whether or not they are ones for this service. */
export const looksUneven = (reader: Reader, service: Service): boolean => {
  const spread = reader.sum(tasks, 'spread', groupOf(service))
  let [most, least] = [0, Number.POSITIVE_INFINITY]
  for (const { value } of poolsOf(service))
    for (const zone of Object.keys(reader.sum(containerInstances, 'zones', value))) {
      const count = spread[`zone:${zone}`] ?? 0
      most = Math.max(most, count)
      least = Math.min(least, count)
    }
  return most - least >= 2
}

const groupOf = (service: Service): string => `${service.clusterArn}|${taskGroupOf(service)}`

const hasAll = (reader: Reader, service: Service): boolean => {
  const { running = 0, pending = 0 } = reader.sum(tasks, 'byService', service.arn)
  return running === service.desiredCount && pending === 0
}

type Pool = {
  readonly index: 'fargate' | 'byCapacityProvider' | 'byCluster'
  /** In that index, and in the sum `zones`. */
  readonly value: string
  readonly provider: string
}

const poolsOf = ({ launchType, capacityProviderStrategy: strategy, clusterArn }: Service): readonly Pool[] => {
  const names = strategy?.map(({ capacityProvider = '' }) => capacityProvider) ?? ['']
  if (launchType === 'FARGATE') return names.map(provider => ({ index: 'fargate', value: 'fargate', provider }))
  if (strategy === undefined) return [{ index: 'byCluster', value: clusterArn, provider: '' }]
  return names.map(provider => ({ index: 'byCapacityProvider', value: providerKey(clusterArn, provider), provider }))
}

const surveyed = (reader: Reader, service: Service, deployment: Deployment): readonly Zone[] => {
  const definition = taskDefinitionOf(reader, deployment.taskDefinitionArn)
  const { launchType } = deployment
  const asked = { ...service, launchType, reservation: reservationOf(definition) }
  const request = placementRequestOf(asked, definition, 0)
  const occupancy = occupancyOf(reader)
  const rooms = new Map<string, Set<string>>()
  for (const { index, value, provider } of poolsOf(service))
    for (const instance of reader.byIndex(containerInstances, index, value)) {
      if (instance.lostAt !== undefined) continue
      const candidate = candidateOf(instance, groupOf(service), occupancy)
      if (!suits(request, candidate)) continue
      const here = rooms.get(instance.availabilityZone) ?? new Set()
      rooms.set(instance.availabilityZone, here)
      if (!here.has(provider) && passes(request, candidate)) here.add(provider)
    }
  return [...rooms].map(([name, own]) => ({ name, rooms: own }))
}
