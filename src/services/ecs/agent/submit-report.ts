// Takes an agent's report into its task's row. Before: SubmitTaskStateChange and SubmitContainerStateChange, which
// read it from the request. After: whoever watches tasks.
//
// An agent repeats what is refused for ever, so that a report about a task that is not there (any more), or one that says
// nothing new, is acknowledged like every other.
import type { RequestContext } from '../../../aws/operation.ts'
import { parseArn } from '../../../domain/arn.ts'
import type { Task } from '../../../domain/task.ts'
import { reportTask, type TaskReport } from '../../../domain/task-report.ts'
import type { Reader } from '../../../store/store.ts'
import { clusters, tasks } from '../../../store/tables.ts'
import type { EcsDependencies } from '../context.ts'
import { clusterArnFor, clusterNotFound } from '../find.ts'
import { invalid } from '../refuse.ts'

/** The API gives it no meaning and agents read none into it. */
export const ACKNOWLEDGMENT = { acknowledgment: 'ACK' } as const

export const submitReport = async (
  { store, clock }: Pick<EcsDependencies, 'store' | 'clock'>,
  request: RequestContext,
  { cluster, task: taskArn }: { readonly cluster?: string | undefined; readonly task?: string | undefined },
  report: TaskReport,
): Promise<typeof ACKNOWLEDGMENT> => {
  if (!taskArn) throw invalid('A task must be given.')
  await store.write(tx => {
    checkCluster(tx, request, cluster)
    const task = ownTask(tx, request, taskArn)
    if (!task) return
    const next = reportTask(task, report, clock.now())
    if (next !== task) tx.put(tasks, next)
  })
  return ACKNOWLEDGMENT
}

// Any region's: a host that gives FARGATE capacity runs tasks of every region.
/** Of a deleted cluster there may still be something to tell, of one that never was there is not. */
export const checkCluster = (reader: Reader, request: RequestContext, named: string | undefined): void => {
  // An agent may leave it out: the task's ARN says it.
  if (named && !reader.get(clusters, clusterArnFor(request, named))) throw clusterNotFound()
}

const ownTask = (reader: Reader, request: RequestContext, arn: string): Task | undefined =>
  parseArn(arn)?.accountId === request.accountId ? reader.get(tasks, arn) : undefined

/** A status as agents word it; absent for none. Another word is InvalidParameterException, which makes the agent drop the report. */
export const reportedStatus = (status: string | undefined): 'PENDING' | 'RUNNING' | 'STOPPED' | undefined => {
  if (!status) return undefined
  if (status === 'PENDING' || status === 'RUNNING' || status === 'STOPPED') return status
  throw invalid(`Invalid status '${status}': it must be PENDING, RUNNING or STOPPED.`)
}
