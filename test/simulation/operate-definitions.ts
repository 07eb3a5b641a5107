// What an operator of a simulated world does with task definitions: registers new revisions, and deletes those that they replaced
// while tasks and services still use them.
import { deleteTaskDefinitions } from '../../src/services/ecs/task-definition/delete-task-definitions.ts'
import { deregisterTaskDefinition } from '../../src/services/ecs/task-definition/deregister-task-definition.ts'
import { registerTaskDefinition } from '../../src/services/ecs/task-definition/register-task-definition.ts'
import type { Reader } from '../../src/store/store.ts'
import { taskDefinitionKey, taskDefinitions } from '../../src/store/tables.ts'
import type { Caller } from './caller.ts'
import type { Chance } from './chance.ts'
import type { RowChecks } from './check-rows.ts'
import { REQUEST } from './server.ts'
import { WORKLOADS } from './workloads.ts'

export type DefinitionDesk = {
  /** The newest revision's ARN. */
  readonly definitionOf: (workload: string) => string
  readonly define: (workload: string) => Promise<void>
  /** Takes back a revision that is not the newest one. */
  readonly retire: () => Promise<void>
}

export const definitionDesk = (parts: {
  readonly chance: Chance
  readonly caller: Caller
  readonly checks: RowChecks
}): DefinitionDesk => {
  const { chance, caller, checks } = parts
  const newest = new Map<string, string>()
  const replaced: string[] = []
  const mayBeDeleted = new Set<string>()

  const define = async (workload: string): Promise<void> => {
    const { taskDefinition } = await caller.untilDone(`RegisterTaskDefinition ${workload}`, registerTaskDefinition, {
      containerDefinitions: [],
      ...WORKLOADS[workload],
      family: workload,
    })
    const arn = taskDefinition?.taskDefinitionArn ?? ''
    const before = newest.get(workload)
    if (before !== undefined) replaced.push(before)
    newest.set(workload, arn)
    checks.acknowledged(
      `RegisterTaskDefinition ${arn}`,
      reader => mayBeDeleted.has(arn) || rowOf(reader, arn) !== undefined,
    )
  }

  const retire = async (): Promise<void> => {
    if (replaced.length === 0) return
    const arn = chance.pick(replaced)
    const deregistered = await caller.ask(
      `DeregisterTaskDefinition ${arn}`,
      deregisterTaskDefinition,
      { taskDefinition: arn },
      true,
    )
    if (!('output' in deregistered)) return
    checks.acknowledged(`DeregisterTaskDefinition ${arn}`, reader => rowOf(reader, arn)?.status !== 'ACTIVE')
    mayBeDeleted.add(arn)
    const deleted = await caller.ask(
      `DeleteTaskDefinitions ${arn}`,
      deleteTaskDefinitions,
      { taskDefinitions: [arn] },
      true,
    )
    if (!('output' in deleted)) return
    replaced.splice(replaced.indexOf(arn), 1)
    checks.acknowledged(`DeleteTaskDefinitions ${arn}`, reader => {
      const row = rowOf(reader, arn)
      return row === undefined || row.status === 'DELETE_IN_PROGRESS'
    })
  }
  return { definitionOf: workload => newest.get(workload) ?? '', define, retire }
}

const rowOf = (reader: Reader, arn: string) => {
  const [family = '', revision] = arn.slice(arn.indexOf('/') + 1).split(':')
  return reader.get(taskDefinitions, taskDefinitionKey(REQUEST.region, family, Number(revision)))
}
