// What to do about one task's targets now: register them when its ports are known and it runs, deregister them when it is to
// stop, let it stop when the last of them is gone. Pure: rows come in, the time too; the commit writes.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
// Before: snapshot.ts reads the facts. After: commit.ts; the load-balancer loop drains, and the dispatcher tells the agent.
import type { NetworkMode } from '@aws-sdk/client-ecs'
import {
  deregistrationDelayMs,
  type Target,
  type TargetGroup,
  targetKey,
} from '../../domain/load-balancing/target-group.ts'
import { networkInterfaceOf, privateIpv4Of } from '../../domain/network-interface.ts'
import type { ServiceTarget } from '../../domain/service.ts'
import { isStopped, type Task } from '../../domain/task.ts'
import type { TargetsSettings } from './settings.ts'

/** Absent groups are not in the map. `inUse`: a listener's rule forwards to it; a group that none uses has no requests. */
export type Groups = ReadonlyMap<string, { readonly group: TargetGroup; readonly inUse: boolean }>

/** Where a task's container instance is dialled. */
export type HostAddress = { readonly instanceId: string; readonly address: string; readonly availabilityZone: string }

export type Facts = {
  /** Undefined: its row is gone, its targets are not. */
  readonly task: Task | undefined
  /** Its deployment's; none when that is gone. */
  readonly serviceTargets: readonly ServiceTarget[]
  readonly networkMode: NetworkMode
  readonly host: HostAddress | undefined
  readonly groups: Groups
  /** The task's own. */
  readonly rows: readonly Target[]
  /** Keys of targets that it would have and that another task has, which still runs. */
  readonly taken: ReadonlySet<string>
}

export type Refusal = { readonly targetGroupArn: string; readonly reason: string }

export type TargetsPlan = {
  readonly register: readonly Target[]
  /** Under another address than before. */
  readonly move: readonly Target[]
  /** To be drained: no new requests. */
  readonly deregister: readonly Target[]
  /** Gone at once: nothing is left to drain, or it has been long enough. */
  readonly remove: readonly Target[]
  readonly refused: readonly Refusal[]
  /** Its agent may be told to stop it. */
  readonly stopping: boolean
  readonly wakeAt?: number
}

const NOTHING: TargetsPlan = { register: [], move: [], deregister: [], remove: [], refused: [], stopping: false }

export const isNothing = (plan: TargetsPlan): boolean =>
  !plan.stopping &&
  [plan.register, plan.move, plan.deregister, plan.remove, plan.refused].every(list => list.length === 0)

export const planTargets = (facts: Facts, now: number, settings: TargetsSettings): TargetsPlan => {
  const { task } = facts
  if (task === undefined || isStopped(task) || task.desiredStatus === 'STOPPED')
    return planLeaving(facts, now, settings)
  // Nobody can see it: what was last seen stands.
  if (task.connectivity === 'DISCONNECTED') return NOTHING
  return planStaying(facts, task, now, settings)
}

const planStaying = (facts: Facts, task: Task, now: number, { againMs }: TargetsSettings): TargetsPlan => {
  const { serviceTargets, rows, taken } = facts
  const wishes = task.lastStatus === 'RUNNING' ? serviceTargets.map(one => wishFor(one, facts, task)) : []
  const known = wishes.flatMap(({ target }) => (target === undefined ? [] : [target]))
  const register: Target[] = []
  const move: Target[] = []
  const refused = wishes.flatMap(({ refused: one }) => (one === undefined ? [] : [one]))
  for (const wish of known) {
    const own = rows.find(row => targetKey(row) === targetKey(wish))
    if (own === undefined && taken.has(targetKey(wish)))
      refused.push({ targetGroupArn: wish.targetGroupArn, reason: `${wish.id}:${wish.port} is another task’s` })
    else if (own === undefined) register.push({ ...wish, taskArn: task.arn, registeredAt: now })
    else if (own.address !== wish.address) move.push({ ...own, address: wish.address })
  }
  // A container that was started again has another port; the one before leads nowhere.
  const remove = rows.filter(
    row =>
      !serviceTargets.some(one => one.targetGroupArn === row.targetGroupArn) ||
      known.some(wish => wish.targetGroupArn === row.targetGroupArn && targetKey(wish) !== targetKey(row)),
  )
  return { ...NOTHING, register, move, remove, refused, ...(refused.length > 0 ? { wakeAt: now + againMs } : {}) }
}

type Wish = { readonly target?: Omit<Target, 'registeredAt' | 'taskArn'>; readonly refused?: Refusal }

/** What a task of this deployment would register, where it is known by now. */
export const wishedTargets = (facts: Omit<Facts, 'rows' | 'taken'>): readonly string[] => {
  const { task, serviceTargets } = facts
  if (task === undefined) return []
  return serviceTargets
    .map(one => wishFor(one, facts, task).target)
    .flatMap(target => (target === undefined ? [] : [targetKey(target)]))
}

const wishFor = (
  { targetGroupArn, containerName, containerPort }: ServiceTarget,
  { groups, networkMode, host }: Omit<Facts, 'rows' | 'taken'>,
  task: Task,
): Wish => {
  const known = groups.get(targetGroupArn)
  if (known === undefined) return { refused: { targetGroupArn, reason: 'One or more target groups not found' } }
  const container = task.containers.find(({ name }) => name === containerName)
  if (container?.lastStatus !== 'RUNNING') return {}
  if (known.group.targetType === 'ip') {
    const attachment = networkInterfaceOf(task.attachments)
    const address = attachment && privateIpv4Of(attachment)
    if (address === undefined) return {}
    return { target: { targetGroupArn, id: address, port: containerPort, address, ...zoneOf(task.availabilityZone) } }
  }
  const binding = container.networkBindings.find(
    one => one.containerPort === containerPort && (one.protocol ?? 'tcp') === 'tcp',
  )
  const port = networkMode === 'host' ? containerPort : binding?.hostPort
  if (port === undefined) return {}
  if (host === undefined)
    return { refused: { targetGroupArn, reason: 'The address of the container instance is not known' } }
  const { instanceId, address, availabilityZone } = host
  return { target: { targetGroupArn, id: instanceId, port, address, ...zoneOf(availabilityZone) } }
}

const zoneOf = (availabilityZone: string | undefined) => (availabilityZone === undefined ? {} : { availabilityZone })

const planLeaving = (facts: Facts, now: number, { drainSlackMs }: TargetsSettings): TargetsPlan => {
  const deregister: Target[] = []
  const remove: Target[] = []
  let wakeAt = Number.POSITIVE_INFINITY
  for (const row of facts.rows) {
    const known = facts.groups.get(row.targetGroupArn)
    const since = row.deregisteredAt ?? now
    const endsAt = since + (known === undefined ? 0 : deregistrationDelayMs(known.group)) + drainSlackMs
    if (!known?.inUse || isGone(row, facts) || endsAt <= now) remove.push(row)
    else {
      wakeAt = Math.min(wakeAt, endsAt)
      if (row.deregisteredAt === undefined) deregister.push({ ...row, deregisteredAt: now })
    }
  }
  const stopping = facts.task?.lastStatus === 'DEACTIVATING' && remove.length === facts.rows.length
  return { ...NOTHING, deregister, remove, stopping, ...(Number.isFinite(wakeAt) ? { wakeAt } : {}) }
}

// Its container has ended: whoever dials it is refused.
const isGone = ({ targetGroupArn }: Target, { task, serviceTargets }: Facts): boolean => {
  if (task === undefined) return true
  const name = serviceTargets.find(one => one.targetGroupArn === targetGroupArn)?.containerName
  return task.containers
    .filter(container => name === undefined || container.name === name)
    .every(({ lastStatus }) => lastStatus === 'STOPPED')
}
