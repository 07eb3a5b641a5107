// A cgroup around all containers of a task, so that together they use no more than the task's size. The engine makes a
// container's cgroup below the parent that it is given (CgroupParent); the limits of the parent are ours to set: in the
// kernel's files, or by asking systemd where that keeps the tree. Needs root and the host's own cgroups; elsewhere a task's
// size bounds each of its containers only, and the log says so once. Before: docker-driver.ts. After: task-group-plan.ts.
import { execFile } from 'node:child_process'
import { access, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Log } from '../../lib/log.ts'
import type { Driver } from '../driver.ts'
import {
  CGROUP_ROOT,
  type EngineGroups,
  type GroupStep,
  groupDirectories,
  planTaskGroup,
  sliceRemoval,
  sliceSettings,
} from './task-group-plan.ts'

const run = promisify(execFile)
/** systemd answers within milliseconds; a host where it does not is not to hold up tasks. */
const COMMAND_LIMIT_MS = 10_000

export const taskGroups = (
  engine: () => Promise<EngineGroups>,
  log: Log,
): Pick<Driver, 'makeTaskGroup' | 'removeTaskGroup'> => {
  let groups: Promise<EngineGroups> | undefined
  let unusable = false
  const giveUp = (reason: string): undefined => {
    if (!unusable) log.info({ reason }, "A task's size bounds each of its containers, not their sum")
    unusable = true
    return undefined
  }
  return {
    makeTaskGroup: async (name, limits) => {
      if (unusable) return undefined
      groups ??= engine()
      const plan = planTaskGroup(await groups, name, limits)
      if ('impossible' in plan) return giveUp(plan.impossible)
      try {
        for (const path of plan.needs) await access(path)
        for (const step of plan.steps) await take(step)
        return plan.parent
      } catch (error) {
        return giveUp(String(error))
      }
    },
    removeTaskGroup,
  }
}

const take = async (step: GroupStep): Promise<void> => {
  if ('directory' in step) await mkdir(step.directory, { recursive: true })
  else if ('file' in step) await writeFile(step.file, step.text)
  else await run(step.command, step.args, { timeout: COMMAND_LIMIT_MS })
}

/** The engine has made one below each controller. Whatever kind it is; one that is gone, or never was, is a success. */
export const removeTaskGroup = async (name: string): Promise<void> => {
  const controllers = await readdir(CGROUP_ROOT).catch(() => [])
  await Promise.all(groupDirectories(name, controllers).map(removeTree))
  const isSlice = await access(sliceSettings(name)).then(
    () => true,
    () => false,
  )
  if (isSlice) for (const step of sliceRemoval(name)) await take(step)
}

// The containers are gone by now: a cgroup of one that is left is what a runtime that was killed did not clean up. One with a process in
// it can't be removed.
const removeTree = async (directory: string): Promise<void> => {
  const inside = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of inside) if (entry.isDirectory()) await removeTree(join(directory, entry.name))
  await rmdir(directory).catch(ignoreAbsent)
}

const ignoreAbsent = (error: unknown): void => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}
