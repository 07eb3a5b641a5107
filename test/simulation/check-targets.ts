// Whether tasks behind load balancers stop in the right order: asked to stop by somebody while it has targets, a task is
// DEACTIVATING; it is STOPPING when the last of its targets is gone, not before.
import type { Task } from '../../src/domain/task.ts'
import { targets } from '../../src/store/load-balancing-tables.ts'
import { type Change, changeOf, type Reader } from '../../src/store/store.ts'

export type TargetChecks = {
  readonly loaded: (reader: Reader) => void
  /** With the changes of one commit, before and after those of its tasks are looked at. */
  readonly committed: (changes: readonly Change[]) => void
  /** A task's row, before and after a commit whose targets are known. */
  readonly wrong: (before: Task, after: Task) => Iterable<string>
}

const BY_SOMEBODY = new Set(['ServiceSchedulerInitiated', 'UserInitiated', 'InfrastructureHealth'])

export const targetChecks = (): TargetChecks => {
  /** By target: its task. As they are, and as they were before the last commit. */
  const now = new Map<string, string>()
  let before: ReadonlySet<string> = new Set()
  const has = (taskArn: string): boolean => Iterator.from(now.values()).some(arn => arn === taskArn)

  return {
    loaded: reader => {
      now.clear()
      for (const row of reader.all(targets)) if (row.taskArn) now.set(targets.key(row), row.taskArn)
      before = new Set(now.values())
    },
    committed: changes => {
      const own = changes.map(change => changeOf(change, targets)).filter(change => change !== undefined)
      before = new Set(now.values())
      for (const { key, after } of own) {
        if (after?.taskArn) now.set(key, after.taskArn)
        else now.delete(key)
      }
    },
    *wrong(was, is) {
      if (was.lastStatus === 'DEACTIVATING' && is.lastStatus === 'STOPPING' && has(is.arn))
        yield 'is STOPPING and has targets'
      const asked = was.desiredStatus === 'RUNNING' && is.desiredStatus === 'STOPPED'
      const bySomebody = asked && BY_SOMEBODY.has(is.stopCode ?? '') && is.lastStatus !== 'STOPPED'
      if (bySomebody && before.has(is.arn) && is.lastStatus !== 'DEACTIVATING')
        yield `is to stop and ${is.lastStatus}, with targets that nobody drained`
    },
  }
}
