// What it takes to bound all containers of a task together, on each kind of cgroups that an engine can have: which files to
// write, or what to ask systemd for. Pure. Before: task-groups.ts, which does it. After: the kernel.
// https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html,
// https://docs.kernel.org/scheduler/sched-bwc.html, systemd.resource-control(5)
import { join } from 'node:path'

export const CGROUP_ROOT = '/sys/fs/cgroup'
/** Beside those of the ECS agent, by the same name. */
const PARENT = 'ecs'
/** The kernel's default: a quota counts in it. */
const CPU_PERIOD_US = 100_000

/** As `docker info` says them. */
export type EngineGroups = { readonly driver: string; readonly version: string }
export type GroupLimits = { readonly cpus?: number; readonly memoryBytes?: number }

export type GroupStep =
  | { readonly directory: string }
  | { readonly file: string; readonly text: string }
  | { readonly command: string; readonly args: readonly string[] }

export type GroupPlan = {
  /** `CgroupParent` of the task's containers. */
  readonly parent: string
  /** Must exist, else nothing would be bounded by what the steps do. */
  readonly needs: readonly string[]
  /** May be done again. */
  readonly steps: readonly GroupStep[]
}

/** Or why there is none. */
export const planTaskGroup = (
  { driver, version }: EngineGroups,
  name: string,
  limits: GroupLimits,
): GroupPlan | { readonly impossible: string } => {
  if (driver === 'systemd') return sliceOf(name, limits)
  if (driver === 'cgroupfs' && version === '1') return versionOne(name, limits)
  if (driver === 'cgroupfs' && version === '2') return versionTwo(name, limits)
  return { impossible: `the engine uses cgroup v${version} by ${driver}` }
}

const quotaOf = (cpus: number): number => Math.ceil(cpus * CPU_PERIOD_US)

const versionOne = (name: string, { cpus, memoryBytes }: GroupLimits): GroupPlan => {
  const memory = join(CGROUP_ROOT, 'memory', PARENT, name)
  const cpu = join(CGROUP_ROOT, 'cpu', PARENT, name)
  return {
    parent: `/${PARENT}/${name}`,
    needs: ['memory/memory.limit_in_bytes', 'cpu/cpu.cfs_quota_us'].map(file => join(CGROUP_ROOT, file)),
    steps: [
      { directory: memory },
      ...(memoryBytes === undefined
        ? []
        : [{ file: join(memory, 'memory.limit_in_bytes'), text: String(memoryBytes) }]),
      { directory: cpu },
      { file: join(cpu, 'cpu.cfs_period_us'), text: String(CPU_PERIOD_US) },
      { file: join(cpu, 'cpu.cfs_quota_us'), text: cpus === undefined ? '-1' : String(quotaOf(cpus)) },
    ],
  }
}

// A directory has the files of those controllers that its parent hands down.
const versionTwo = (name: string, { cpus, memoryBytes }: GroupLimits): GroupPlan => {
  const parent = join(CGROUP_ROOT, PARENT)
  const group = join(parent, name)
  const handDown = (directory: string): GroupStep => ({
    file: join(directory, 'cgroup.subtree_control'),
    text: '+cpu +memory',
  })
  return {
    parent: `/${PARENT}/${name}`,
    needs: [join(CGROUP_ROOT, 'cgroup.controllers')],
    steps: [
      handDown(CGROUP_ROOT),
      { directory: parent },
      handDown(parent),
      { directory: group },
      { file: join(group, 'memory.max'), text: memoryBytes === undefined ? 'max' : String(memoryBytes) },
      { file: join(group, 'cpu.max'), text: `${cpus === undefined ? 'max' : quotaOf(cpus)} ${CPU_PERIOD_US}` },
    ],
  }
}

/** A dash in a slice's name says what it is within: `ecs-<task>.slice` is made within `ecs.slice`. */
export const sliceName = (name: string): string => `${PARENT}-${name}.slice`

// Where systemd keeps the tree only it may write: limits written beside it would be undone at its next reload. `--runtime`:
// until the next boot, which no container survives unchanged. CPUQuota is in whole percent of a core.
const sliceOf = (name: string, { cpus, memoryBytes }: GroupLimits): GroupPlan => {
  const slice = sliceName(name)
  const limits = [
    ...(memoryBytes === undefined ? [] : [`MemoryMax=${memoryBytes}`]),
    ...(cpus === undefined ? [] : [`CPUQuota=${Math.ceil(cpus * 100)}%`]),
  ]
  return {
    parent: slice,
    needs: ['/run/systemd/system'],
    steps: [
      { command: 'systemctl', args: ['set-property', '--runtime', slice, ...limits] },
      { command: 'systemctl', args: ['start', slice] },
    ],
  }
}

/** Where an engine that keeps its groups itself has made some for this task, given the names in CGROUP_ROOT. */
export const groupDirectories = (name: string, controllers: readonly string[]): readonly string[] =>
  [CGROUP_ROOT, ...controllers.map(controller => join(CGROUP_ROOT, controller))].map(root => join(root, PARENT, name))

/** Where systemd keeps what `set-property --runtime` was told: while it is there, so is the slice. */
export const sliceSettings = (name: string): string => `/run/systemd/system.control/${sliceName(name)}.d`

export const sliceRemoval = (name: string): readonly Extract<GroupStep, { command: string }>[] => [
  { command: 'systemctl', args: ['stop', sliceName(name)] },
  { command: 'systemctl', args: ['revert', sliceName(name)] },
]
