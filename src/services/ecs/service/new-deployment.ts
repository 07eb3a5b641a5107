// The row of a deployment that begins now: what CreateService makes first and UpdateService after it. After: the deployment
// loop, which starts its tasks.
import type { Deployment, Service } from '../../../domain/service.ts'
import { rolloutReason, serviceTargetsOf } from '../../../domain/service.ts'
import type { Ids } from '../../../lib/ids.ts'

/** `before`: the target groups of the revision that was last rolled out. */
export const newDeployment = (
  service: Service,
  ids: Ids,
  now: number,
  before: Deployment['loadBalancers'] = [],
): Deployment => {
  const id = `ecs-svc/${ids.digits19()}`
  return {
    id,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    status: 'PRIMARY',
    taskDefinitionArn: service.taskDefinitionArn,
    launchType: service.launchType,
    ...(service.capacityProviderStrategy === undefined
      ? {}
      : { capacityProviderStrategy: service.capacityProviderStrategy }),
    ...(service.platformVersion === undefined ? {} : { platformVersion: service.platformVersion }),
    ...(service.networkConfiguration === undefined ? {} : { networkConfiguration: service.networkConfiguration }),
    ...(service.loadBalancers === undefined ? {} : { loadBalancers: serviceTargetsOf(service, before) }),
    ...daemonOf(service),
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: rolloutReason(id, 'IN_PROGRESS'),
    failedTasks: 0,
    consecutiveFailures: 0,
    createdAt: now,
    updatedAt: now,
  }
}

const daemonOf = ({ daemon, propagateTags, enableECSManagedTags }: Service): Pick<Deployment, 'daemon'> => {
  if (daemon === undefined) return {}
  const { capacityProviders, critical } = daemon
  return { daemon: { capacityProviders, critical, propagateTags, enableECSManagedTags } }
}
