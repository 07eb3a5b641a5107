// The deployment loop: holds each service's tasks at its desired count, rolls new revisions out, counts what ended, tells
// of it in service events. One service a run. Watches services, deployments, their tasks and container instances; reads a snapshot, plans
// (plan.ts, pure), commits (commit.ts) in the same turn of the event loop.
// Before: CreateService, UpdateService, DeleteService, and agents' reports. After: the placement loop.
import type { Deployment, Service } from '../../domain/service.ts'
import { deploymentIdOf, deploymentOf } from '../../domain/service-deployment.ts'
import type { Reader } from '../../store/store.ts'
import { deployments, serviceDeployments, serviceRevisions, services, tasks } from '../../store/tables.ts'
import type { Reconciler, ReconcilerInput, RunResult } from '../loop.ts'
import { startReconciler } from '../start-reconciler.ts'
import { commitPlan } from './commit.ts'
import { forwardingsOf } from './forwardings.ts'
import { hostsOf } from './hosts.ts'
import { type Plan, planDeployments, type Snapshot } from './plan.ts'
import { servingsOf } from './servings.ts'
import { DEPLOYMENT_SETTINGS, type DeploymentSettings } from './settings.ts'
import { dueFor } from './triggers.ts'
import { zonesOf } from './zones.ts'

export const deploymentReconciler = (input: ReconcilerInput<DeploymentSettings>): Reconciler => {
  const { store, clock, ids, log } = input
  const settings = { ...DEPLOYMENT_SETTINGS, ...input.settings }
  const run = async (serviceArn: string): Promise<RunResult> => {
    const now = clock.now()
    const snapshot = snapshotOf(store, serviceArn, now)
    if (snapshot === undefined) return {}
    const plan = planDeployments(snapshot, now, settings)
    const restMs = restOf(snapshot, settings)
    if (isEmpty(plan)) return { wakeAt: plan.wakeAt, restMs }
    const outcome = await store.write(tx => commitPlan(tx, snapshot, plan, ids, now))
    if (outcome === 'stale') return { again: true }
    log.debug({ service: serviceArn, did: inWords(plan), events: plan.events }, 'Deployment pass')
    return { did: `${snapshot.service.name}: ${inWords(plan)}`, again: plan.again, wakeAt: plan.wakeAt, restMs }
  }
  return startReconciler(input, {
    name: 'deployment',
    keys: () => [...store.byIndex(services, 'live', 'live')].map(({ arn }) => arn),
    run,
    touched: change => dueFor(store, change),
  })
}

const restOf = ({ live, ended }: Snapshot, { tasksPerRestMs }: DeploymentSettings): number => {
  const ms = Math.floor((live.length + ended.length) / tasksPerRestMs)
  return ms < SHORTEST_REST_MS ? 0 : Math.min(ms, LONGEST_REST_MS)
}

/** Below it a run costs less than a timer is worth. */
const SHORTEST_REST_MS = 10
/** What a replacement in a service of thousands may wait, while others of its tasks change too. */
const LONGEST_REST_MS = 300

const snapshotOf = (reader: Reader, serviceArn: string, now: number): Snapshot | undefined => {
  const service = reader.get(services, serviceArn)
  if (service === undefined) return undefined
  const planned = [...reader.byIndex(deployments, 'liveByService', serviceArn)]
  const live = [...reader.byIndex(tasks, 'liveByService', serviceArn)]
  const open = [...reader.byIndex(serviceDeployments, 'openByService', serviceArn)]
  return {
    service,
    deployments: planned,
    open,
    lastCompleted: lastCompletedOf(reader, service),
    live,
    ended: [...reader.byIndex(tasks, 'unsettledByService', serviceArn)],
    hosts: hostsOf(reader, service, planned, live),
    zones: zonesOf(reader, service, planned, now),
    forwardings: forwardingsOf(reader, service, open),
    servings: servingsOf(reader, planned, live),
  }
}

// Its row, or what its revision says where that is gone by now.
const lastCompletedOf = (reader: Reader, { lastCompletedRevisionArn: arn }: Service): Deployment | undefined => {
  if (arn === undefined) return undefined
  const row = reader.get(deployments, deploymentIdOf(arn))
  if (row !== undefined) return row
  const revision = reader.get(serviceRevisions, arn)
  return revision && deploymentOf(revision)
}

const isEmpty = (plan: Plan): boolean =>
  plan.service === undefined &&
  [
    plan.start,
    plan.stop,
    plan.settle,
    plan.served,
    plan.deployments,
    plan.serviceDeployments,
    plan.rules,
    plan.events,
  ].every(list => list.length === 0)

const inWords = (plan: Plan): string => {
  const started = plan.start.reduce((total, { count }) => total + count, 0)
  return `started ${started}, stopped ${plan.stop.length}, counted ${plan.settle.length}, told ${plan.events.length}`
}
