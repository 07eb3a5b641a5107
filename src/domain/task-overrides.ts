// What a task runs once its overrides are laid over its definition: the one place that knows which override replaces
// what. Before: RunTask checks the overrides (services/ecs/task/). After: `newTask` counts what the task takes, and the
// dispatcher makes its payload (the ECS agent itself understands an override of `command` only).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html
import type { ContainerDefinition, ContainerOverride, KeyValuePair, TaskOverride } from '@aws-sdk/client-ecs'
import type { TaskDefinition } from './task-definition.ts'

/** The definition as this task runs it: the very same object where nothing is overridden, so that what was made of it can be kept. */
export const withOverrides = (definition: TaskDefinition, overrides: TaskOverride | undefined): TaskDefinition => {
  if (!overrides || overridesNothing(overrides)) return definition
  const byName = new Map((overrides.containerOverrides ?? []).map(override => [override.name, override]))
  return {
    ...definition,
    ...(overrides.cpu === undefined ? {} : { cpu: overrides.cpu }),
    ...(overrides.memory === undefined ? {} : { memory: overrides.memory }),
    ...(overrides.ephemeralStorage === undefined ? {} : { ephemeralStorage: overrides.ephemeralStorage }),
    containerDefinitions: definition.containerDefinitions.map(container => {
      const override = byName.get(container.name)
      return override && !namesOnly(override) ? withContainerOverride(container, override) : container
    }),
  }
}

// ECS answers an entry for each container; most only name it.
const overridesNothing = ({ cpu, memory, ephemeralStorage, containerOverrides = [] }: TaskOverride): boolean =>
  (cpu ?? memory ?? ephemeralStorage) === undefined && containerOverrides.every(namesOnly)

const namesOnly = (override: ContainerOverride): boolean => {
  for (const member in override) if (member !== 'name') return false
  return true
}

const withContainerOverride = (container: ContainerDefinition, override: ContainerOverride): ContainerDefinition => ({
  ...container,
  ...(override.command === undefined ? {} : { command: override.command }),
  ...(override.cpu === undefined ? {} : { cpu: override.cpu }),
  ...(override.memory === undefined ? {} : { memory: override.memory }),
  ...(override.memoryReservation === undefined ? {} : { memoryReservation: override.memoryReservation }),
  ...(override.resourceRequirements?.length ? { resourceRequirements: override.resourceRequirements } : {}),
  ...(override.environment === undefined
    ? {}
    : { environment: withEnvironment(container.environment ?? [], override.environment) }),
})

// An override replaces the variable of the same name and adds the others behind.
const withEnvironment = (own: readonly KeyValuePair[], over: readonly KeyValuePair[]): KeyValuePair[] => {
  const replaced = new Map(over.map(pair => [pair.name, pair]))
  return [...own.filter(pair => !replaced.has(pair.name)), ...replaced.values()]
}
