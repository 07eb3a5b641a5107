// What is said, and when it is given up, where tasks run but their load balancer keeps them from being healthy: it failed, or no
// listener uses their target group, so that no check will ever succeed. A service event and the service deployment's reason say
// which; a deployment with the circuit breaker ends after a while, as nobody's health checks will count for it.
// Pure; a part of plan.ts. Before: serving.ts.
import type { Deployment, Service } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import { withNotice, withoutNotice } from '../notices.ts'
import type { Fleet } from './fleet.ts'
import type { Outcome } from './outcome.ts'
import type { Snapshot } from './plan.ts'
import { type Trouble, unhealthyTargetEvent } from './serving.ts'
import type { DeploymentSettings } from './settings.ts'

/** That the PRIMARY's tasks are kept from being healthy: since `at` long enough to give up. */
export type Hopeless = { readonly trouble: Trouble; readonly at: number }

export const hopelessOf = (
  { live, servings }: Snapshot,
  deployments: readonly Deployment[],
  settings: DeploymentSettings,
): Hopeless | undefined => {
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  if (primary?.rolloutState !== 'IN_PROGRESS' || servings === undefined) return undefined
  let first: Hopeless | undefined
  for (const task of live) {
    if (task.deploymentId !== primary.id || task.desiredStatus === 'STOPPED' || task.servedAt !== undefined) continue
    const trouble = servings.get(task.arn)?.trouble
    if (trouble?.since === undefined) continue
    const at = Math.max(trouble.since, task.startedAt ?? 0) + settings.hopelessAfterMs
    if (first === undefined || at < first.at) first = { trouble, at }
  }
  return first
}

/** `outcome`: its first deployment is the PRIMARY, which remembers what was told. */
export const tellTroubles = (outcome: Outcome, service: Service, fleets: readonly Fleet[], now: number): Outcome => {
  const [primary, ...older] = outcome.deployments
  if (primary === undefined) return outcome
  const found = firstTrouble(fleets)
  if (found === undefined) return { ...outcome, deployments: [withoutNotice(primary, 'targets'), ...older] }
  const { task, trouble } = found
  const told = withNotice(primary, 'targets', `${trouble.targetGroupArn} ${trouble.reason}`, now)
  if (told === undefined) return outcome
  return { deployments: [told, ...older], events: [...outcome.events, unhealthyTargetEvent(service, task, trouble)] }
}

const firstTrouble = (fleets: readonly Fleet[]): { readonly task: Task; readonly trouble: Trouble } | undefined => {
  for (const fleet of fleets) {
    if (fleet.troubles.size === 0) continue
    for (const task of [...fleet.maturing, ...fleet.healthy]) {
      const trouble = fleet.troubles.get(task.arn)
      if (trouble?.since !== undefined) return { task, trouble }
    }
  }
  return undefined
}

/** What keeps a deployment's tasks from being healthy at the moment. */
export const troubleOf = ({ troubles, unhealthy, maturing }: Fleet): Trouble | undefined => {
  if (troubles.size === 0) return undefined
  const sick = [...unhealthy, ...maturing].find(task => troubles.has(task.arn))
  return sick && troubles.get(sick.arn)
}
