// What load balancers say of a service's tasks: whether each task's targets are healthy, all of them, and if not, why.
// Before: reconciler.ts, with the service's tasks; the targets loop registers them, the load-balancer loop observes their
// health. After: plan.ts, for which a task of a deployment with load balancers is healthy when all its targets are.
import { lastSegment } from '../../domain/arn.ts'
import { type Target, type TargetHealth, targetKey } from '../../domain/load-balancing/target-group.ts'
import type { Deployment } from '../../domain/service.ts'
import type { Task } from '../../domain/task.ts'
import {
  loadBalancerStates,
  loadBalancers,
  rules,
  targetGroups,
  targetHealth,
  targets,
} from '../../store/load-balancing-tables.ts'
import type { Reader } from '../../store/store.ts'
import type { Serving, Servings } from './serving.ts'

export const servingsOf = (reader: Reader, deployments: readonly Deployment[], live: readonly Task[]): Servings => {
  const groupsOf = new Map<string, readonly string[]>()
  for (const { id, loadBalancers: own = [] } of deployments)
    if (own.length > 0)
      groupsOf.set(
        id,
        own.map(({ targetGroupArn }) => targetGroupArn),
      )
  const servings = new Map<string, Serving>()
  if (groupsOf.size === 0) return servings
  const standings = new Map<string, Standing>()
  const standingOf = (arn: string): Standing => {
    const known = standings.get(arn) ?? standingOfGroup(reader, arn)
    standings.set(arn, known)
    return known
  }
  for (const task of live) {
    const groups = groupsOf.get(task.deploymentId ?? '')
    if (groups === undefined || task.desiredStatus === 'STOPPED' || task.lastStatus !== 'RUNNING') continue
    const own = [...reader.byIndex(targets, 'byTask', task.arn)].filter(one => one.deregisteredAt === undefined)
    const each = groups.map(arn => {
      const target = own.find(one => one.targetGroupArn === arn)
      const health = target && reader.get(targetHealth, targetKey(target))
      return servingIn(arn, standingOf(arn), { task, target, health })
    })
    servings.set(task.arn, worst(each))
  }
  return servings
}

/** Of a target group. `idle`: why nothing checks its targets. `failed`: why its load balancer does not work, and since when. */
type Standing = { readonly idle?: string; readonly failed?: { readonly reason: string; readonly since: number } }

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html have these texts.
const standingOfGroup = (reader: Reader, arn: string): Standing => {
  if (reader.get(targetGroups, arn) === undefined) return { idle: 'TARGET GROUP IS NOT FOUND' }
  const [loadBalancerArn] = Object.keys(reader.sum(rules, 'byTargetGroup', arn))
  if (loadBalancerArn === undefined)
    return { idle: 'Target group is not configured to receive traffic from the load balancer' }
  const state = reader.get(loadBalancerStates, loadBalancerArn)
  if (state?.code !== 'failed') return {}
  const name = reader.get(loadBalancers, loadBalancerArn)?.name ?? lastSegment(loadBalancerArn)
  const reason = `Load balancer ${name} failed${state.reason === undefined ? '' : `: ${state.reason}`}`
  return { failed: { reason, since: state.since } }
}

type Seen = {
  readonly task: Task
  readonly target: Target | undefined
  readonly health: TargetHealth | undefined
}

const servingIn = (targetGroupArn: string, { idle, failed }: Standing, { task, target, health }: Seen): Serving => {
  const at = {
    targetGroupArn,
    ...(target === undefined ? {} : { port: target.port }),
    ...(target?.id.startsWith('i-') ? { instanceId: target.id } : {}),
  }
  if (idle !== undefined) return { state: 'unchecked', trouble: { ...at, reason: idle, since: task.startedAt ?? 0 } }
  // What nobody can check is not said to be unhealthy.
  if (failed !== undefined) return { state: 'waiting', trouble: { ...at, ...failed } }
  if (target === undefined || health === undefined) return { state: 'waiting' }
  if (health.state === 'healthy' || health.state === 'unavailable') return { state: 'healthy' }
  if (health.state === 'initial') return { state: 'waiting' }
  return { state: 'unhealthy', trouble: { ...at, reason: health.description ?? 'Health checks failed' } }
}

const ORDER = ['unhealthy', 'waiting', 'unchecked', 'healthy'] as const

const worst = (each: readonly Serving[]): Serving => {
  const ranked = each.toSorted(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || Number(!a.trouble) - Number(!b.trouble),
  )
  return ranked[0] ?? { state: 'healthy' }
}
