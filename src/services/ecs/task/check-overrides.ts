// Whether a task's overrides name what its definition has. Before: check-task-request.ts, which refused what is not built. After: `newTask`, which lays them over the definition (domain/task-overrides.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
import type { ContainerOverride, TaskOverride } from '@aws-sdk/client-ecs'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import { invalid } from '../refuse.ts'

/** With the JSON's own characters. */
const MAX_OVERRIDE_CHARACTERS = 8192
/** MiB: the least that Docker gives a container, as ContainerDefinition documents it. */
const LEAST_MEMORY = 6

export const checkOverrides = (definition: TaskDefinition, overrides: TaskOverride | undefined): void => {
  if (!overrides) return
  const { containerOverrides = [], cpu, memory } = overrides
  if (JSON.stringify(overrides).length > MAX_OVERRIDE_CHARACTERS)
    throw invalid(`Overrides can have at most ${MAX_OVERRIDE_CHARACTERS} characters.`)
  for (const [member, value] of Object.entries({ cpu, memory }))
    if (value !== undefined && !/^[1-9][0-9]*$/.test(value))
      throw invalid(`Invalid '${member}' setting for task override: a whole number is needed.`)
  for (const override of containerOverrides) checkContainerOverride(definition, override)
  const names = containerOverrides.map(override => override.name)
  if (new Set(names).size < names.length) throw invalid('A container can be overridden only once.')
}

const checkContainerOverride = (definition: TaskDefinition, override: ContainerOverride): void => {
  const { name, environment = [], cpu, memory, memoryReservation } = override
  const container = definition.containerDefinitions.find(one => one.name === name)
  if (!container) throw invalid(`Override for container named ${name} is not a container in the TaskDefinition.`)
  if (environment.some(pair => !pair.name)) throw invalid(`An environment override of container '${name}' has no name.`)
  if (cpu !== undefined && cpu < 0) throw invalid(`Invalid 'cpu' setting for container '${name}'.`)
  for (const [member, value] of Object.entries({ memory, memoryReservation }))
    if (value !== undefined && value < LEAST_MEMORY)
      throw invalid(`Invalid '${member}' setting for container '${name}'.`)
  const hard = memory ?? container.memory
  const soft = memoryReservation ?? container.memoryReservation
  if (hard !== undefined && soft !== undefined && soft > hard)
    throw invalid(`Invalid 'memory' setting for container '${name}'.`)
}
