// The stop of a task whose check failed: its container's, or its target's in a load balancer. Pure; a part of plan.ts, used by
// replica.ts and daemon.ts.
import type { Task } from '../../domain/task.ts'
import { UNHEALTHY_REASON } from './events.ts'
import type { Fleet } from './fleet.ts'
import type { Stop } from './plan.ts'
import { unhealthyTargetReason } from './serving.ts'

export const unhealthyStop = (fleet: Fleet, task: Task): Stop => {
  const trouble = task.healthStatus === 'UNHEALTHY' ? undefined : fleet.troubles.get(task.arn)
  const reason = trouble === undefined ? UNHEALTHY_REASON : unhealthyTargetReason(trouble)
  return { task, unhealthy: true, trouble, reason }
}
