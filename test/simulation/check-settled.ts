// What is not yet as it should be when all faults have stopped: empty when the world has settled. Reads the server's rows and
// looks into every container engine.

import { TASK_ARN_LABEL } from '../../src/agent/engine/labels.ts'
import type { Deployment, Service } from '../../src/domain/service.ts'
import type { Task } from '../../src/domain/task.ts'
import type { Reader } from '../../src/store/store.ts'
import { containerInstances, deployments, serviceDeployments, services, tasks } from '../../src/store/tables.ts'
import type { Host } from './host.ts'
import { WORKLOADS } from './workloads.ts'

export const unsettled = (reader: Reader | undefined, hosts: readonly Host[]): readonly string[] => {
  if (!reader) return ['the server is down']
  return [
    ...[...reader.all(services)].flatMap(service => ofService(reader, service)),
    ...[...reader.all(tasks)].flatMap(task => ofTask(task, hosts)),
    ...hosts.flatMap(host => ofHost(reader, host)),
  ]
}

const ofService = (reader: Reader, service: Service): string[] => {
  const live = [...reader.byIndex(tasks, 'liveByService', service.arn)]
  const open = reader.count(serviceDeployments, 'openByService', service.arn)
  if (open > 0) return [`${service.name} has ${open} service deployments that are not over`]
  if (service.status === 'INACTIVE') return live.length === 0 ? [] : [`${service.name} is deleted and has tasks`]
  if (service.status === 'DRAINING') return [`${service.name} is still draining`]
  const running = live.filter(task => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING')
  const rollouts: Deployment[] = [...reader.byIndex(deployments, 'liveByService', service.arn)]
  const wrong: string[] = []
  if (running.length !== service.desiredCount)
    wrong.push(`${service.name} has ${running.length} running tasks of ${service.desiredCount}`)
  if (live.length !== running.length) wrong.push(`${service.name} has ${live.length - running.length} other tasks`)
  if (rollouts.length !== 1) wrong.push(`${service.name} has ${rollouts.length} deployments`)
  for (const { id, rolloutState } of rollouts)
    if (rolloutState !== 'COMPLETED') wrong.push(`${service.name}: deployment ${id} is ${rolloutState}`)
  return wrong
}

const ofTask = (task: Task, hosts: readonly Host[]): string[] => {
  if (task.lastStatus === 'STOPPED') return []
  const said = `task ${task.arn} is ${task.lastStatus}, wanted ${task.desiredStatus}`
  if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return [said]
  const host = hosts.find(one => one.containerInstanceArn() === task.containerInstanceArn)
  if (!host) return [`${said}, on no host`]
  // One that is not essential may have ended.
  return task.containers
    .filter(({ essential }) => essential)
    .flatMap(({ name, runtimeId }) => {
      const status = host.engine.containers().find(({ id }) => id === runtimeId)?.status
      return status === 'running' ? [] : [`${said}, its container ${name} on ${host.name}: ${status}`]
    })
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
  const volumes = live.filter(({ family }) => WORKLOADS[family]?.volumes?.length).length
  if (host.engine.volumes().length !== volumes)
    wrong.push(`${host.name} has ${host.engine.volumes().length} volumes, for ${volumes} tasks`)
  return wrong
}
