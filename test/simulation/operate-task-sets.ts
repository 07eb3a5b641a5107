// What an operator of a simulated world does to the task sets of a service whose deployments are his own to control: makes them,
// gives them shares, makes one the PRIMARY, deletes them. Remembers the share that was acknowledged of each.
import type { EcsOperation } from '../../src/services/ecs/context.ts'
import { createTaskSet } from '../../src/services/ecs/task-set/create-task-set.ts'
import { deleteTaskSet } from '../../src/services/ecs/task-set/delete-task-set.ts'
import { describeTaskSets } from '../../src/services/ecs/task-set/describe-task-sets.ts'
import { updateServicePrimaryTaskSet } from '../../src/services/ecs/task-set/update-service-primary-task-set.ts'
import { updateTaskSet } from '../../src/services/ecs/task-set/update-task-set.ts'
import type { Reader } from '../../src/store/store.ts'
import { deployments, services } from '../../src/store/tables.ts'
import type { Desk } from './operator.ts'
import { goodNamesOf, namesOf } from './workloads.ts'

/** A share of the service's desired count in percent, or that it is gone. */
type Wish = number | 'deleted'
type Known = { readonly id: string; readonly service: string; told: Wish; open: Wish[] }

export type TaskSetDesk = {
  readonly act: (service: string) => Promise<void>
  /** The service is asked to go, and they with it. */
  readonly mayGo: (service: string) => void
  /** One that works has all of it; there is no other. */
  readonly makeGood: (service: string) => Promise<void>
}

const SCALES = [0, 30, 50, 100]
/** More than one who shifts traffic needs. */
const MOST_SETS = 3

export const taskSetDesk = (desk: Desk): TaskSetDesk => {
  const { chance, caller, checks, definitionOf } = desk
  const known = new Map<string, Known>()

  const create = async (service: string, workload: string, value: number): Promise<Known | undefined> => {
    const clientToken = chance.ids.uuid()
    const scale = { value, unit: 'PERCENT' as const }
    const taskDefinition = definitionOf(workload)
    const input = { service, cluster: 'default', taskDefinition, scale, clientToken, launchType: 'EC2' as const }
    const said = `CreateTaskSet ${service} ${workload} ${value} %`
    // A token is free again when its task set is deleted: what comes minutes late would make it anew.
    const answer = await caller.untilAnswered(said, createTaskSet, input, false)
    const id = 'output' in answer ? answer.output.taskSet?.id : undefined
    if (id === undefined) return undefined
    const own: Known = { id, service, told: value, open: [] }
    known.set(id, own)
    checks.acknowledged(`task set ${id} as it was told`, reader => isAsTold(reader, own))
    return own
  }

  const wish = async <Input, Output>(
    own: Known,
    next: Wish,
    said: string,
    operation: EcsOperation<Input, Output>,
    input: Input,
  ): Promise<boolean> => {
    own.open.push(next)
    const answer = await caller.ask(`${said} ${own.id}`, operation, input)
    if ('output' in answer) {
      own.told = next
      own.open = []
    } else if ('refused' in answer) own.open.splice(own.open.indexOf(next), 1)
    return !('unknown' in answer)
  }

  const named = ({ service, id }: Known) => ({ cluster: 'default', service, taskSet: id })

  const remove = (own: Known): Promise<boolean> =>
    wish(own, 'deleted', 'DeleteTaskSet', deleteTaskSet, { ...named(own), force: true })

  const scale = (own: Known, value: number): Promise<boolean> =>
    wish(own, value, `UpdateTaskSet ${value} %`, updateTaskSet, {
      ...named(own),
      scale: { value, unit: 'PERCENT' },
    })

  const lead = async (own: Known): Promise<boolean> => {
    const { taskSet: primaryTaskSet, ...input } = named(own)
    const answer = await caller.ask(`UpdateServicePrimaryTaskSet ${own.id}`, updateServicePrimaryTaskSet, {
      ...input,
      primaryTaskSet,
    })
    return !('unknown' in answer)
  }

  const until = async (done: () => Promise<boolean>): Promise<void> => {
    while (!(await done())) await desk.clock.sleep(1_000)
  }

  return {
    act: async service => {
      const own = [...known.values()].filter(one => one.service === service && one.told !== 'deleted')
      const draw = chance.between(1, 10)
      if (own.length === 0 || (draw <= 3 && own.length < MOST_SETS))
        await create(service, chance.pick(namesOf('bridge')), chance.pick(SCALES))
      else if (draw <= 6) await scale(chance.pick(own), chance.pick(SCALES))
      else if (draw <= 8) await lead(chance.pick(own))
      else await remove(chance.pick(own))
    },
    mayGo: service => {
      for (const own of known.values()) if (own.service === service) own.open.push('deleted')
    },
    makeGood: async service => {
      // Refused for a service that was deleted: then there is nothing to make good.
      const good = await create(service, chance.pick(goodNamesOf('bridge')), 100)
      if (!good) return
      await until(() => lead(good))
      const { taskSets = [] } = await caller.untilDone('DescribeTaskSets', describeTaskSets, {
        cluster: 'default',
        service,
      })
      for (const { id = '' } of taskSets) {
        if (id === good.id) continue
        const other = known.get(id) ?? { id, service, told: 0, open: [] }
        await until(() => remove(other))
      }
    },
  }
}

const isAsTold = (reader: Reader, { id, told, open }: Known): boolean => {
  const row = reader.get(deployments, id)
  const there = row !== undefined && row.status !== 'INACTIVE' && row.taskSet?.draining === false
  return [told, ...open].some(wish => {
    if (wish !== 'deleted') return there && row.taskSet?.scale === wish
    return !there || reader.get(services, row.serviceArn)?.status !== 'ACTIVE'
  })
}
