// AWS's validation of dependsOn, links and volumesFrom: every dependency exists, can come true, and none waits for itself.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { refused } from './refused.ts'

export const validateDependencies = (containers: readonly ContainerDefinition[]): void => {
  const byName = new Map(containers.map(container => [container.name, container]))
  for (const container of containers)
    for (const { containerName, condition } of container.dependsOn ?? []) {
      const dependency = byName.get(containerName)
      // The stray plus sign is AWS's.
      if (!dependency) throw refused(`Cannot depend on container + '${containerName}' because it does not exist`)
      if ((condition === 'SUCCESS' || condition === 'COMPLETE') && dependency.essential !== false)
        throw refused('A dependency container with SUCCESS or COMPLETE condition cannot be an essential container')
      if (condition === 'HEALTHY' && !dependency.healthCheck)
        throw refused(
          `The container '${containerName}' needs a healthCheck, because a dependency on it has the HEALTHY condition`,
        )
    }
  for (const container of containers) {
    for (const field of ['links', 'volumesFrom'] as const)
      if (!targetsOf[field](container).every(name => name !== container.name && byName.has(name)))
        throw refused(`Invalid '${field}' setting for container '${container.name}'.`)
  }
  refuseCycle(byName, targetsOf.links, 'Container links should not have a cycle')
  // Whatever one container waits for in another, together they must come true.
  const all = (container: ContainerDefinition) => Object.values(targetsOf).flatMap(targets => targets(container))
  refuseCycle(byName, all, 'Container dependencies should not have a cycle')
}

type Targets = (container: ContainerDefinition) => readonly (string | undefined)[]

const targetsOf: Readonly<Record<'dependsOn' | 'links' | 'volumesFrom', Targets>> = {
  dependsOn: ({ dependsOn = [] }) => dependsOn.map(({ containerName }) => containerName),
  // `name` or `name:alias`
  links: ({ links = [] }) => links.map(link => link.split(':')[0]),
  volumesFrom: ({ volumesFrom = [] }) => volumesFrom.map(({ sourceContainer }) => sourceContainer),
}

// Takes away what waits for nothing, again and again: what cannot be taken away waits for itself.
const refuseCycle = (
  byName: ReadonlyMap<string | undefined, ContainerDefinition>,
  targets: Targets,
  text: string,
): void => {
  const waiting = new Map(byName)
  for (;;) {
    const free = [...waiting.values()].filter(container => !targets(container).some(name => waiting.has(name)))
    if (free.length === 0) break
    for (const container of free) waiting.delete(container.name)
  }
  if (waiting.size > 0) throw refused(text)
}
