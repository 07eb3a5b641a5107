// A cgroup around all containers of a task, so that together they use no more than the task's size. The engine makes a
// container's cgroup below the parent that it is given (CgroupParent); the limits of the parent are ours to write. Needs root,
// the host's own cgroup tree, version 1, and an engine that keeps it itself (cgroup driver `cgroupfs`); elsewhere a task's
// size bounds each of its containers only. Before: docker-driver.ts. After: the kernel.
// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, https://docs.kernel.org/scheduler/sched-bwc.html
import { access, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../lib/log.ts'
import type { Driver } from '../driver.ts'

const ROOT = '/sys/fs/cgroup'
/** Beside those of the ECS agent, by the same name. */
const PARENT = 'ecs'
/** The kernel's default: a quota counts in it. */
const CPU_PERIOD_US = 100_000

export type EngineGroups = { readonly driver: string; readonly version: string }

export const taskGroups = (
  engine: () => Promise<EngineGroups>,
  log: Log,
): Pick<Driver, 'makeTaskGroup' | 'removeTaskGroup'> => {
  let usable: Promise<boolean> | undefined
  const why = async (): Promise<string | undefined> => {
    const { driver, version } = await engine()
    if (driver !== 'cgroupfs' || version !== '1') return `the engine uses cgroup v${version} by ${driver}`
    // Below an ordinary directory nothing would be bounded.
    const files = ['memory/memory.limit_in_bytes', 'cpu/cpu.cfs_quota_us'].map(file => access(join(ROOT, file)))
    return (await Promise.allSettled(files)).every(({ status }) => status === 'fulfilled')
      ? undefined
      : `no cgroups in ${ROOT}`
  }
  const say = (reason: string): void =>
    log.info({ reason }, "A task's size bounds each of its containers, not their sum")
  const isUsable = async (): Promise<boolean> => {
    const reason = await why()
    if (reason !== undefined) say(reason)
    return reason === undefined
  }
  return {
    makeTaskGroup: async (name, { cpus, memoryBytes }) => {
      usable ??= isUsable()
      if (!(await usable)) return undefined
      try {
        const memory = join(ROOT, 'memory', PARENT, name)
        await mkdir(memory, { recursive: true })
        if (memoryBytes !== undefined) await writeFile(join(memory, 'memory.limit_in_bytes'), String(memoryBytes))
        const cpu = join(ROOT, 'cpu', PARENT, name)
        await mkdir(cpu, { recursive: true })
        const quota = cpus === undefined ? -1 : Math.ceil(cpus * CPU_PERIOD_US)
        await writeFile(join(cpu, 'cpu.cfs_period_us'), String(CPU_PERIOD_US))
        await writeFile(join(cpu, 'cpu.cfs_quota_us'), String(quota))
        return `/${PARENT}/${name}`
      } catch (error) {
        say(String(error))
        usable = Promise.resolve(false)
        return undefined
      }
    },
    removeTaskGroup,
  }
}

/** The engine has made one below each controller. */
export const removeTaskGroup = async (name: string): Promise<void> => {
  const controllers = await readdir(ROOT).catch(() => [])
  await Promise.all(controllers.map(controller => rmdir(join(ROOT, controller, PARENT, name)).catch(ignoreAbsent)))
}

const ignoreAbsent = (error: unknown): void => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}
