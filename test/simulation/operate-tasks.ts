// What an operator of a simulated world does with tasks: runs them, stops them, protects them. Remembers what the server
// acknowledged: that must hold from then on.
import { listTasks } from '../../src/services/ecs/task/list-tasks.ts'
import { runTask } from '../../src/services/ecs/task/run-task.ts'
import { stopTask } from '../../src/services/ecs/task/stop-task.ts'
import { updateTaskProtection } from '../../src/services/ecs/task-protection/update-task-protection.ts'
import type { Reader } from '../../src/store/store.ts'
import { tasks } from '../../src/store/tables.ts'
import type { RowChecks } from './check-rows.ts'
import type { Desk } from './operator.ts'
import { NETWORK, OWN_PROVIDERS } from './service-kinds.ts'
import { ALL_NAMES, networkOfWorkload } from './workloads.ts'

export type TaskDesk = {
  readonly run: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly protect: () => Promise<void>
  /** Stops those of a family that nobody replaces, so that services have room. */
  readonly clear: (family: string) => Promise<void>
}

export const taskDesk = (desk: Desk): TaskDesk => {
  const { chance, caller, checks, definitionOf } = desk
  const { ask } = caller
  const shown = new Set<string>()
  /** How often each was protected or not: what counts is the last time. */
  const protections = new Map<string, number>()

  const capacityFor = (workload: string) => {
    if (networkOfWorkload(workload) === 'bridge')
      return chance.happens(0.2)
        ? { capacityProviderStrategy: [{ capacityProvider: chance.pick(OWN_PROVIDERS), weight: 1 }] }
        : {}
    const capacity = chance.pick([
      {},
      { launchType: 'FARGATE' as const },
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] },
    ])
    return { networkConfiguration: NETWORK, ...capacity }
  }

  // Asked again under its token until there is an answer: however often it was served, its tasks are made once.
  const run = async (): Promise<void> => {
    const workload = chance.pick(ALL_NAMES)
    const count = chance.between(1, 3)
    const startedBy = chance.ids.uuid()
    const input = { taskDefinition: definitionOf(workload), count, startedBy, clientToken: startedBy }
    const request = { ...input, ...capacityFor(workload) }
    const answer = await caller.untilAnswered(`RunTask ${count} ${workload}`, runTask, request)
    if ('refused' in answer) return
    const arns = (answer.output.tasks ?? []).map(({ taskArn = '' }) => taskArn)
    for (const arn of arns) checks.acknowledged(`RunTask made ${arn}`, reader => isThere(reader, checks, arn))
    checks.acknowledged(`RunTask ${startedBy} was served once`, reader => {
      const made = (desired: string) =>
        reader.count(tasks, 'byStartedByDesired', `${desk.clusterArn()}|${startedBy}|${desired}`)
      return made('RUNNING') + made('STOPPED') <= arns.length
    })
  }

  // What was shown was durable, a list too.
  const list = async (): Promise<readonly string[]> => {
    const listed = await ask('ListTasks', listTasks, {})
    const arns = 'output' in listed ? (listed.output.taskArns ?? []) : []
    for (const arn of arns.filter(one => !shown.has(one))) {
      shown.add(arn)
      checks.acknowledged(`ListTasks showed ${arn}`, reader => isThere(reader, checks, arn))
    }
    return arns
  }

  const stopOne = async (task: string): Promise<void> => {
    const answer = await ask(`StopTask ${task}`, stopTask, { task }, true)
    if ('output' in answer)
      checks.acknowledged(`StopTask ${task}`, reader => {
        const row = reader.get(tasks, task)
        return row ? row.desiredStatus === 'STOPPED' : checks.wasStopped(task)
      })
  }

  const protect = async (): Promise<void> => {
    const arns = await list()
    if (arns.length === 0) return
    const task = chance.pick(arns)
    const time = (protections.get(task) ?? 0) + 1
    protections.set(task, time)
    const input = { cluster: 'default', tasks: [task], protectionEnabled: chance.happens(0.8), expiresInMinutes: 1 }
    const answer = await ask(`UpdateTaskProtection ${input.protectionEnabled} ${task}`, updateTaskProtection, input)
    const told = 'output' in answer ? answer.output.protectedTasks?.[0] : undefined
    if (told === undefined) return
    checks.acknowledged(`UpdateTaskProtection ${task}`, reader => {
      const row = reader.get(tasks, task)
      return !row || protections.get(task) !== time || row.protectedUntil === told.expirationDate?.getTime()
    })
  }

  return {
    run,
    stop: async () => {
      const arns = await list()
      if (arns.length > 0) await stopOne(chance.pick(arns))
    },
    protect,
    clear: async family => {
      const { taskArns = [] } = await caller.untilDone('ListTasks', listTasks, { family })
      for (const arn of taskArns) await stopOne(arn)
    },
  }
}

const isThere = (reader: Reader, checks: RowChecks, arn: string): boolean =>
  reader.get(tasks, arn) !== undefined || checks.wasStopped(arn)
