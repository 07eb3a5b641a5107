// AWS's validation of dependsOn: every dependency exists, can come true, and none waits for itself.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'

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
  refuseCycle(byName)
}

const refused = (message: string): AwsError => new AwsError('ClientException', message)

// Takes away what waits for nothing, again and again: what cannot be taken away waits for itself.
const refuseCycle = (byName: ReadonlyMap<string | undefined, ContainerDefinition>): void => {
  const waiting = new Map(byName)
  for (;;) {
    const free = [...waiting.values()].filter(
      container => !container.dependsOn?.some(dependency => waiting.has(dependency.containerName)),
    )
    if (free.length === 0) break
    for (const container of free) waiting.delete(container.name)
  }
  if (waiting.size > 0) throw refused('Container dependencies should not have a cycle')
}
