// Reads what the plan for one task's targets rests on: the task, its deployment's target groups, where its host is dialled, the
// targets it has, and those that are another's.
// Before: reconciler.ts names the task. After: plan.ts.
import { scopeOf } from '../../domain/arn.ts'
import type { ServiceTarget } from '../../domain/service.ts'
import { isStopped, type Task } from '../../domain/task.ts'
import { networkModeOf } from '../../domain/task-definition.ts'
import { rules, targetGroups, targets } from '../../store/load-balancing-tables.ts'
import type { Reader } from '../../store/store.ts'
import { containerInstances, deployments, tasks } from '../../store/tables.ts'
import { addressOfInstance } from '../../store/target-address.ts'
import { taskDefinitionOf } from '../task-definition-of.ts'
import { type Facts, type Groups, type HostAddress, wishedTargets } from './plan.ts'

export const factsOf = (reader: Reader, taskArn: string): Facts => {
  const task = reader.get(tasks, taskArn)
  const rows = [...reader.byIndex(targets, 'byTask', taskArn)]
  const serviceTargets = (task && reader.get(deployments, task.deploymentId ?? '')?.loadBalancers) ?? []
  const runs = task !== undefined && task.lastStatus === 'RUNNING' && serviceTargets.length > 0
  const facts = {
    task,
    serviceTargets,
    networkMode: runs ? networkModeOf(taskDefinitionOf(reader, task.taskDefinitionArn)) : ('bridge' as const),
    host: runs ? hostOf(reader, task) : undefined,
    groups: groupsOf(reader, [...serviceTargets, ...rows]),
  }
  return { ...facts, rows, taken: new Set(wishedTargets(facts).filter(key => isTaken(reader, key, taskArn))) }
}

const groupsOf = (reader: Reader, named: readonly Pick<ServiceTarget, 'targetGroupArn'>[]): Groups => {
  const groups = new Map<string, { group: NonNullable<ReturnType<typeof groupOf>>; inUse: boolean }>()
  const groupOf = (arn: string) => reader.get(targetGroups, arn)
  for (const arn of new Set(named.map(({ targetGroupArn }) => targetGroupArn))) {
    const group = groupOf(arn)
    if (group !== undefined) groups.set(arn, { group, inUse: isInUse(reader, arn) })
  }
  return groups
}

/** A listener's rule forwards to it. */
export const isInUse = (reader: Reader, targetGroupArn: string): boolean =>
  Object.keys(reader.sum(rules, 'byTargetGroup', targetGroupArn)).length > 0

const hostOf = (reader: Reader, task: Task): HostAddress | undefined => {
  const instance = reader.get(containerInstances, task.containerInstanceArn ?? '')
  const instanceId = instance?.ec2InstanceId
  // A host of another region may run FARGATE tasks; those have addresses of their own.
  const known = instanceId && addressOfInstance(reader, scopeOf(instance.arn).region, instanceId)
  return known ? { instanceId, ...known } : undefined
}

// A target that was registered by hand, or whose task has ended, is taken over.
const isTaken = (reader: Reader, key: string, taskArn: string): boolean => {
  const holder = reader.get(targets, key)?.taskArn
  if (holder === undefined || holder === taskArn) return false
  const task = reader.get(tasks, holder)
  return task !== undefined && !isStopped(task) && task.containers.some(({ lastStatus }) => lastStatus !== 'STOPPED')
}
