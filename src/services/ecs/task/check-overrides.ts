// Whether a task's overrides name what its definition has, and what comes of them can run: the task that they make is held to
// what its definition was held to. Before: check-task-request.ts, which refused what is not built. After: `newTask`, which
// lays them over the definition (domain/task-overrides.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
import type { ContainerOverride, LaunchType, TaskOverride } from '@aws-sdk/client-ecs'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import { withOverrides } from '../../../domain/task-overrides.ts'
import { invalid } from '../refuse.ts'
import { isFargateSize, NO_SUCH_SIZE } from '../task-definition/fargate.ts'
import { sizeProblem, taskCpu, taskMemory } from '../task-definition/task-size.ts'
import { storageProblem } from '../task-definition/validate.ts'
import { areRequirements } from '../task-definition/validate-container.ts'

/** With the JSON's own characters. */
const MAX_OVERRIDE_CHARACTERS = 8192
/** MiB: the least that Docker gives a container, as ContainerDefinition documents it. */
const LEAST_MEMORY = 6

/** With the task's own size as AWS keeps it: `1 vCPU` is `1024`. */
export const sizedOverrides = (overrides: TaskOverride | undefined): TaskOverride | undefined => {
  if (!overrides?.cpu && !overrides?.memory) return overrides
  const { cpu, memory } = overrides
  try {
    return { ...overrides, ...(cpu ? { cpu: taskCpu(cpu) } : {}), ...(memory ? { memory: taskMemory(memory) } : {}) }
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

/** `overrides` with their sizes as AWS keeps them. */
export const checkOverrides = (
  definition: TaskDefinition,
  overrides: TaskOverride | undefined,
  launchType: LaunchType,
): void => {
  if (!overrides) return
  const { containerOverrides = [], ephemeralStorage: storage } = overrides
  if (JSON.stringify(overrides).length > MAX_OVERRIDE_CHARACTERS)
    throw invalid(`Overrides can have at most ${MAX_OVERRIDE_CHARACTERS} characters.`)
  for (const override of containerOverrides) checkContainerOverride(definition, override)
  const names = containerOverrides.map(override => override.name)
  if (new Set(names).size < names.length) throw invalid('A container can be overridden only once.')
  const fargate = launchType === 'FARGATE'
  refuse(storage && storageProblem(storage.sizeInGiB, fargate))
  const made = withOverrides(definition, overrides)
  if (made === definition) return
  if (fargate) refuse(onFargateProblem(made, containerOverrides))
  refuse(sizeProblem(made))
}

const refuse = (problem: string | undefined): void => {
  if (problem !== undefined) throw invalid(problem)
}

const onFargateProblem = (
  { cpu = '', memory = '' }: TaskDefinition,
  overrides: readonly ContainerOverride[],
): string | undefined => {
  if (!isFargateSize(cpu, memory)) return NO_SUCH_SIZE
  const gpu = overrides.some(({ resourceRequirements = [] }) => resourceRequirements.length > 0)
  return gpu ? 'Tasks using the Fargate launch type do not support GPUs.' : undefined
}

const checkContainerOverride = (definition: TaskDefinition, override: ContainerOverride): void => {
  const { name, environment = [], cpu, memory, memoryReservation, resourceRequirements } = override
  const container = definition.containerDefinitions.find(one => one.name === name)
  if (!container) throw invalid(`Override for container named ${name} is not a container in the TaskDefinition.`)
  if (environment.some(pair => !pair.name)) throw invalid(`An environment override of container '${name}' has no name.`)
  if (!areRequirements(resourceRequirements))
    throw invalid(`Invalid 'resourceRequirements' setting for container '${name}'.`)
  if (cpu !== undefined && cpu < 0) throw invalid(`Invalid 'cpu' setting for container '${name}'.`)
  for (const [member, value] of Object.entries({ memory, memoryReservation }))
    if (value !== undefined && value < LEAST_MEMORY)
      throw invalid(`Invalid '${member}' setting for container '${name}'.`)
  const hard = memory ?? container.memory
  const soft = memoryReservation ?? container.memoryReservation
  if (hard !== undefined && soft !== undefined && soft > hard)
    throw invalid(`Invalid 'memory' setting for container '${name}'.`)
}
