// What is not yet as it should be when all faults have stopped: empty when the world has settled. Reads the server's rows and
// looks into every container engine.
import { TASK_ARN_LABEL } from '../../src/agent/engine/labels.ts'
import { capacityProviderOf, isFargateProvider } from '../../src/domain/capacity-provider.ts'
import { targetKey } from '../../src/domain/load-balancing/target-group.ts'
import { networkInterfaceOf, privateIpv4Of } from '../../src/domain/network-interface.ts'
import type { Deployment, Service } from '../../src/domain/service.ts'
import type { Task } from '../../src/domain/task.ts'
import { computedDesiredCount, isExternal, isTaskSet } from '../../src/domain/task-set.ts'
import { targetHealth, targets } from '../../src/store/load-balancing-tables.ts'
import type { Reader } from '../../src/store/store.ts'
import {
  containerInstances,
  deployments,
  serviceDeployments,
  services,
  taskDefinitions,
  tasks,
} from '../../src/store/tables.ts'
import type { Host } from './host.ts'
import { networkOfWorkload, WORKLOADS } from './workloads.ts'

export const unsettled = (reader: Reader | undefined, hosts: readonly Host[]): readonly string[] => {
  if (!reader) return ['the server is down']
  return [
    ...[...reader.all(services)].flatMap(service => ofService(reader, service, hosts)),
    ...[...reader.all(tasks)].flatMap(task => ofTask(task, hosts)),
    ...hosts.flatMap(host => ofHost(reader, host)),
    ...ofTaskDefinitions(reader),
    ...ofTargets(reader),
  ]
}

const ofService = (reader: Reader, service: Service, hosts: readonly Host[]): string[] => {
  const { name } = service
  const live = [...reader.byIndex(tasks, 'liveByService', service.arn)]
  const open = reader.count(serviceDeployments, 'openByService', service.arn)
  if (open > 0) return [`${name} has ${open} service deployments that are not over`]
  if (service.status === 'INACTIVE') return live.length === 0 ? [] : [`${name} is deleted and has tasks`]
  if (service.status === 'DRAINING') return [`${name} is still draining`]
  const rollouts: Deployment[] = [...reader.byIndex(deployments, 'liveByService', service.arn)]
  const wrong = rollouts.flatMap(rollout => ofDeployment(reader, service, rollout, live))
  if (!isExternal(service) && rollouts.length !== 1) wrong.push(`${name} has ${rollouts.length} deployments`)
  const known = new Set(rollouts.map(({ id }) => id))
  const strays = live.filter(({ deploymentId = '' }) => !known.has(deploymentId)).length
  if (strays > 0) wrong.push(`${name} has ${strays} tasks of no deployment`)
  return service.schedulingStrategy === 'DAEMON' ? [...wrong, ...ofDaemon(service, live, hosts)] : wrong
}

const ofDeployment = (reader: Reader, service: Service, rollout: Deployment, all: readonly Task[]): string[] => {
  const said = `${service.name}: deployment ${rollout.id}`
  const own = all.filter(({ deploymentId }) => deploymentId === rollout.id)
  const running = own.filter(task => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING')
  const desired = isTaskSet(rollout) ? computedDesiredCount(service, rollout) : service.desiredCount
  const wrong: string[] = []
  if (isTaskSet(rollout) && rollout.taskSet.draining) wrong.push(`${said} is still draining`)
  if (rollout.rolloutState !== 'COMPLETED') wrong.push(`${said} is ${rollout.rolloutState}`)
  if (rollout.desiredCount !== desired) wrong.push(`${said} is to have ${rollout.desiredCount} tasks, not ${desired}`)
  if (running.length !== desired) wrong.push(`${said} has ${running.length} running tasks of ${desired}`)
  if (own.length !== running.length) wrong.push(`${said} has ${own.length - running.length} other tasks`)
  return [...wrong, ...ofProviders(reader, said, rollout, running)]
}

// Of the strategy's providers, and each on an instance of its own.
const ofProviders = (
  reader: Reader,
  said: string,
  { capacityProviderStrategy }: Deployment,
  running: readonly Task[],
) => {
  const named = new Set(capacityProviderStrategy?.map(({ capacityProvider }) => capacityProvider))
  return running.flatMap(({ arn, capacityProviderName: name, containerInstanceArn = '' }) => {
    if (name === undefined && named.size === 0) return []
    const instance = reader.get(containerInstances, containerInstanceArn)
    const fits = instance && (isFargateProvider(name ?? '') || capacityProviderOf(instance) === name)
    return named.has(name) && fits ? [] : [`${said}: its task ${arn} by ${name} is on ${containerInstanceArn}`]
  })
}

const ofDaemon = ({ name }: Service, live: readonly Task[], hosts: readonly Host[]): string[] =>
  hosts.flatMap(host => {
    const here = live.filter(task => task.containerInstanceArn === host.containerInstanceArn()).length
    return here === 1 ? [] : [`${name} has ${here} tasks on ${host.name}`]
  })

const ofTask = (task: Task, hosts: readonly Host[]): string[] => {
  if (task.lastStatus === 'STOPPED') return []
  const said = `task ${task.arn} is ${task.lastStatus}, wanted ${task.desiredStatus}`
  if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return [said]
  const host = hosts.find(one => one.containerInstanceArn() === task.containerInstanceArn)
  if (!host) return [`${said}, on no host`]
  // One that is not essential may have ended.
  const wrong = task.containers
    .filter(({ essential }) => essential)
    .flatMap(({ name, runtimeId }) => {
      const status = host.engine.containers().find(({ id }) => id === runtimeId)?.status
      return status === 'running' ? [] : [`${said}, its container ${name} on ${host.name}: ${status}`]
    })
  return networkOfWorkload(task.family) === 'awsvpc' ? [...wrong, ...ofAddress(said, task, host)] : wrong
}

// What callers are told is the address that one container of the task really has, and nobody else on the host.
const ofAddress = (said: string, task: Task, { name, engine }: Host): string[] => {
  const attachment = networkInterfaceOf(task.attachments)
  const told = attachment && privateIpv4Of(attachment)
  const having = engine.containers().filter(({ status, address }) => status === 'running' && address?.ipv4 === told)
  const [only] = having
  return told !== undefined && having.length === 1 && only?.labels[TASK_ARN_LABEL] === task.arn
    ? []
    : [`${said}, its address ${told}: ${having.length} containers on ${name} have it`]
}

const ofHost = (reader: Reader, host: Host): string[] => {
  const arn = host.containerInstanceArn()
  if (arn === undefined) return [`${host.name} is not registered`]
  const wrong: string[] = []
  if (!reader.get(containerInstances, arn)?.agentConnected) wrong.push(`${host.name} is not connected`)
  for (const { name, status, labels } of host.engine.containers()) {
    const task = reader.get(tasks, labels[TASK_ARN_LABEL] ?? '')
    const belongs = task?.containerInstanceArn === arn && task.lastStatus !== 'STOPPED'
    if (!belongs) wrong.push(`${host.name} has the ${status} container ${name} of ${task?.lastStatus ?? 'no'} task`)
  }
  const live = [...reader.byIndex(tasks, 'liveByInstance', arn)]
  const number = (of: (workload: (typeof WORKLOADS)[string]) => boolean): number =>
    live.filter(({ family }) => WORKLOADS[family] !== undefined && of(WORKLOADS[family])).length
  const made = {
    volumes: [host.engine.volumes().length, number(({ volumes = [] }) => volumes.length > 0)],
    'task groups': [host.engine.taskGroups().length, number(({ cpu }) => cpu !== undefined)],
  }
  for (const [what, [has, due]] of Object.entries(made))
    if (has !== due) wrong.push(`${host.name} has ${has} ${what}, for ${due} tasks`)
  return wrong
}

// Each RUNNING task of a service behind the load balancer has its target there, healthy, and nobody else has one.
const ofTargets = (reader: Reader): string[] => {
  const wrong: string[] = []
  for (const { taskArn = '', deregisteredAt, ...target } of reader.all(targets)) {
    if (deregisteredAt !== undefined) wrong.push(`the target of ${taskArn} is still draining`)
    if (reader.get(tasks, taskArn)?.lastStatus !== 'RUNNING') wrong.push(`${taskArn} has a target and does not run`)
    const health = reader.get(targetHealth, targetKey(target))?.state
    if (health !== 'healthy') wrong.push(`the target of ${taskArn} is ${health}`)
  }
  for (const { arn, deploymentId = '', lastStatus } of reader.all(tasks)) {
    const due = lastStatus === 'RUNNING' ? (reader.get(deployments, deploymentId)?.loadBalancers?.length ?? 0) : 0
    const has = reader.count(targets, 'byTask', arn)
    if (has !== due) wrong.push(`${arn} has ${has} targets, not ${due}`)
  }
  return wrong
}

const ofTaskDefinitions = (reader: Reader): string[] =>
  [...reader.byIndex(taskDefinitions, 'deleting', 'deleting')].flatMap(({ arn }) => {
    const used =
      reader.count(tasks, 'liveByTaskDefinition', arn) + reader.count(deployments, 'liveByTaskDefinition', arn) > 0
    return used ? [] : [`${arn} is still being deleted`]
  })
