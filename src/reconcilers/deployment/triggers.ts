// Which services a change in the store is news for. Before: the store's watch. After: reconciler.ts looks at them.
import { type ContainerInstance, hasConnected } from '../../domain/container-instance.ts'
import { forwardsOf } from '../../domain/load-balancing/load-balancer.ts'
import type { TargetHealth } from '../../domain/load-balancing/target-group.ts'
import { isStopped, rankOf, type Task } from '../../domain/task.ts'
import { loadBalancerStates, ruleStates, rules, targetHealth, targets } from '../../store/load-balancing-tables.ts'
import { type Change, changeOf, type Reader } from '../../store/store.ts'
import { containerInstances, deployments, serviceDeployments, services, tasks } from '../../store/tables.ts'
import type { Due } from '../start-reconciler.ts'
import { looksUneven } from './zones.ts'

/**
 * How long the run for one more task of many may wait; the last of them waits for nothing. A run looks at all of a service's
 * tasks: a hundred services of a thousand tasks each, all starting, would take half the event loop for runs that find
 * nothing to do.
 */
const ONE_OF_MANY_MS = 10_000
/** Tasks that a service has at least where its runs are worth sparing. */
const MANY = 100

/** May name one several times. */
export function* dueFor(reader: Reader, change: Change): Generator<Due> {
  const task = changeOf(change, tasks)
  const canWait = task !== undefined && isOneOfMany(reader, task)
  for (const key of servicesTouchedBy(reader, change)) yield canWait ? { key, withinMs: ONE_OF_MANY_MS } : key
}

// A task that reached RUNNING as it should, with others still to come, and nothing that its success would be held against: no
// other deployment that makes way, no failures before it.
const isOneOfMany = (reader: Reader, { before, after }: Change<Task>): boolean => {
  if (before === undefined || after?.serviceArn === undefined || after.deploymentId === undefined) return false
  if (before.lastStatus === 'RUNNING' || worth({ ...before, lastStatus: 'RUNNING' }) !== worth(after)) return false
  const service = reader.get(services, after.serviceArn)
  const deployment = reader.get(deployments, after.deploymentId)
  if (service === undefined || deployment === undefined || service.desiredCount < MANY) return false
  const { running = 0 } = reader.sum(tasks, 'byService', service.arn)
  const failed = deployment.failedTasks + deployment.consecutiveFailures + (deployment.consecutiveCrashes ?? 0) > 0
  return running < service.desiredCount && !failed && reader.count(deployments, 'liveByService', service.arn) === 1
}

const servicesTouchedBy = (reader: Reader, change: Change): Iterable<string> => {
  const task = changeOf(change, tasks)
  if (task !== undefined) return touchedByTask(reader, task)
  const instance = changeOf(change, containerInstances)
  if (instance !== undefined) return touchedByInstance(reader, instance)
  if (changeOf(change, ruleStates) ?? changeOf(change, rules)) return shiftingServices(reader)
  const balancing = touchedByLoadBalancing(reader, change)
  if (balancing !== undefined) return balancing
  const own =
    changeOf(change, services)?.after?.arn ??
    changeOf(change, deployments)?.after?.serviceArn ??
    changeOf(change, serviceDeployments)?.after?.serviceArn
  return own === undefined ? [] : [own]
}

// Those that shift traffic at the moment: few.
function* shiftingServices(reader: Reader): Generator<string> {
  for (const { serviceArn } of reader.byIndex(serviceDeployments, 'shifting', 'shifting')) yield serviceArn
}

function* touchedByTask(reader: Reader, { before, after }: Change<Task>): Generator<string> {
  if (after?.serviceArn === undefined) return
  if (before === undefined || worth(before) !== worth(after)) yield after.serviceArn
  // Daemons leave a draining instance last.
  if (!isStopped(after) || (before && isStopped(before)) || after.containerInstanceArn === undefined) return
  if (reader.get(containerInstances, after.containerInstanceArn)?.status === 'DRAINING')
    yield* daemonsOf(reader, after.clusterArn)
}

// What of a task the plan depends on: reports that change nothing of it (a pull that began, a port) don't wake the loop.
const worth = (task: Task): string => {
  const step = rankOf(task.lastStatus) < rankOf('RUNNING') ? 'PENDING' : task.lastStatus
  const unplaceable = task.containerInstanceArn === undefined && task.placementExplanation !== undefined
  const { desiredStatus, healthStatus, connectivity = '', protectedUntil = 0 } = task
  return `${step}|${desiredStatus}|${healthStatus}|${unplaceable}|${connectivity}|${protectedUntil}`
}

// Undefined: no change of load balancing.
const touchedByLoadBalancing = (reader: Reader, change: Change): Iterable<string> | undefined => {
  const health = changeOf(change, targetHealth)
  if (health !== undefined) return touchedByHealth(reader, health)
  const target = changeOf(change, targets)
  // What is registered anew may be in a group that nobody checks; a health that goes with its target tells of its end.
  if (target !== undefined) return target.before === undefined ? serviceOfTask(reader, target.after?.taskArn) : []
  const state = changeOf(change, loadBalancerStates)
  if (state !== undefined) return state.before?.code === state.after?.code ? [] : servicesBehind(reader, state.key)
  return undefined
}

function* touchedByHealth(reader: Reader, { key, before, after }: Change<TargetHealth>): Generator<string> {
  if (before?.state === after?.state && before?.description === after?.description) return
  yield* serviceOfTask(reader, reader.get(targets, key)?.taskArn)
}

function* serviceOfTask(reader: Reader, taskArn: string | undefined): Generator<string> {
  const serviceArn = taskArn === undefined ? undefined : reader.get(tasks, taskArn)?.serviceArn
  if (serviceArn !== undefined) yield serviceArn
}

// A load balancer fails, or is mended, once in a while: then all that stands behind it is looked at.
function* servicesBehind(reader: Reader, loadBalancerArn: string): Generator<string> {
  const groups = new Set<string>()
  for (const rule of reader.byIndex(rules, 'byLoadBalancer', loadBalancerArn))
    for (const { targetGroupArn } of forwardsOf(rule)) groups.add(targetGroupArn)
  for (const group of groups)
    for (const { taskArn } of reader.byIndex(targets, 'byTargetGroup', group)) yield* serviceOfTask(reader, taskArn)
}

function* touchedByInstance(reader: Reader, { before, after }: Change<ContainerInstance>): Generator<string> {
  const either = after ?? before
  if (either === undefined) return
  const moved = before?.status !== after?.status
  const joined = before !== undefined && after !== undefined && hasConnected(before) !== hasConnected(after)
  if (moved && before !== undefined)
    for (const { serviceArn } of reader.byIndex(tasks, 'liveByInstance', either.arn)) if (serviceArn) yield serviceArn
  if (moved || joined || before?.lostAt !== after?.lostAt || before?.attributes !== after?.attributes)
    yield* daemonsOf(reader, either.clusterArn)
  if (after !== undefined && isUsable(after) && !(before && isUsable(before))) yield* unevenNear(reader, after)
}

const isUsable = ({ status, agentConnected, lostAt }: ContainerInstance): boolean =>
  status === 'ACTIVE' && agentConnected && lostAt === undefined

// Those whose tasks may now be evened out over the zones.
function* unevenNear(reader: Reader, { clusterArn, fargateCapacity }: ContainerInstance): Generator<string> {
  for (const where of fargateCapacity ? [clusterArn, 'fargate'] : [clusterArn])
    for (const service of reader.byIndex(services, 'rebalanced', where))
      if (looksUneven(reader, service)) yield service.arn
}

function* daemonsOf(reader: Reader, clusterArn: string): Generator<string> {
  for (const { arn } of reader.byIndex(services, 'daemonsByCluster', clusterArn)) yield arn
}
