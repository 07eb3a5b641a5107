// The attributes that an instance must have to run a definition: placement compares the names with what the agent
// registered. ECS derives them from the parameters in use.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'

const api = (minor: number): string => `com.amazonaws.ecs.capability.docker-remote-api.1.${minor}`

/** The Docker Engine API version that brought a parameter is required by name, once for each version. */
export const requiredAttributes = (
  containers: readonly ContainerDefinition[],
  { networkMode, pidMode, ipcMode, volumes = [] }: RegisterTaskDefinitionRequest,
): string[] => {
  const names = new Set<string>()
  if (pidMode || ipcMode) names.add('ecs.capability.pid-ipc-namespace-sharing')
  for (const { dockerVolumeConfiguration: docker } of volumes) {
    if (docker?.driver) names.add(`ecs.capability.docker-plugin.${docker.driver.replace(':', '.')}`)
    if (docker) names.add(api(docker.labels ? 23 : 21))
  }
  if (networkMode === 'awsvpc') {
    names.add(api(18))
    names.add('ecs.capability.task-eni')
  }
  for (const container of containers) {
    if (container.logConfiguration) {
      names.add(`com.amazonaws.ecs.capability.logging-driver.${container.logConfiguration.logDriver}`)
      names.add(api(18))
    }
    if (container.ulimits?.length || Object.keys(container.dockerLabels ?? {}).length > 0) names.add(api(18))
    if (container.memoryReservation !== undefined) names.add(api(21))
    if (container.healthCheck) {
      names.add('ecs.capability.container-health-check')
      names.add(api(24))
    }
    if (container.linuxParameters?.initProcessEnabled) names.add(api(25))
    if (container.restartPolicy?.enabled) names.add('ecs.capability.container-restart-policy')
    if (container.dependsOn?.length) names.add('ecs.capability.container-ordering')
    if (container.portMappings?.some(mapping => mapping.containerPortRange !== undefined))
      names.add('ecs.capability.network.container-port-range')
    if (container.privileged) names.add('com.amazonaws.ecs.capability.privileged-container')
  }
  return [...names]
}
