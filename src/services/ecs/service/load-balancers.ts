// The load balancers that a service or a task set asks for: which target groups its tasks are registered with, and by which of
// their ports. What cannot be is refused in ECS's words, before anything is changed.
// Before: CreateService, UpdateService, CreateTaskSet. After: newDeployment resolves what passed; the targets loop registers.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html
import type { LoadBalancer, NetworkMode } from '@aws-sdk/client-ecs'
import { networkModeOf, type TaskDefinition } from '../../../domain/task-definition.ts'
import { rules, targetGroups } from '../../../store/load-balancing-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { invalid } from '../refuse.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html */
const MAX_TARGET_GROUPS = 5

/** What can be said of a list by itself. */
export const checkLoadBalancers = (asked: readonly LoadBalancer[]): void => {
  if (asked.length > MAX_TARGET_GROUPS) throw invalid(`loadBalancers can have at most ${MAX_TARGET_GROUPS} items.`)
  const seen = new Set<string>()
  for (const { targetGroupArn, containerName, containerPort } of asked) {
    if (!targetGroupArn) throw invalid('Target Group ARN can not be blank.')
    if (!containerName) throw invalid('Container Name can not be blank.')
    if (containerPort === undefined) throw invalid('Container Port can not be blank.')
    if (seen.has(targetGroupArn)) throw invalid(`Duplicate targetGroupArn found: ${targetGroupArn}`)
    seen.add(targetGroupArn)
  }
}

/** What the target groups must be when a service names them; later they may lose their load balancer. */
export const checkTargetGroups = (reader: Reader, asked: readonly LoadBalancer[]): void => {
  for (const { targetGroupArn = '', advancedConfiguration } of asked) {
    checkAlternate(reader, advancedConfiguration)
    if (reader.get(targetGroups, targetGroupArn) === undefined)
      throw invalid(`The target group with targetGroupArn ${targetGroupArn} does not exist.`)
    if (Object.keys(reader.sum(rules, 'byTargetGroup', targetGroupArn)).length === 0)
      throw invalid(`The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`)
  }
}

// It may serve no traffic yet, as long as some rule forwards to it: otherwise nobody would check its targets.
const checkAlternate = (reader: Reader, advanced: LoadBalancer['advancedConfiguration']): void => {
  const { alternateTargetGroupArn: arn, testListenerRule } = advanced ?? {}
  if (arn === undefined) return
  if (reader.get(targetGroups, arn) === undefined)
    throw invalid(`The target group with targetGroupArn ${arn} does not exist.`)
  if (testListenerRule === undefined && Object.keys(reader.sum(rules, 'byTargetGroup', arn)).length === 0)
    throw invalid(
      'For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both targetGroup and alternateTargetGroup',
    )
}

/** That tasks of this definition can be registered: a later revision is checked as well as the first. */
export const checkTargetContainers = (
  reader: Reader,
  definition: TaskDefinition,
  asked: readonly LoadBalancer[],
): void => {
  const mode = networkModeOf(definition)
  for (const { targetGroupArn = '', containerName, containerPort } of asked) {
    const container = definition.containerDefinitions.find(({ name }) => name === containerName)
    if (!container) throw invalid(`The container ${containerName} does not exist in the task definition.`)
    if (!container.portMappings?.some(mapping => mapping.containerPort === containerPort))
      throw invalid(`The container ${containerName} did not have a container port ${containerPort} defined.`)
    const targetType = reader.get(targetGroups, targetGroupArn)?.targetType
    if (targetType !== undefined && targetType !== targetTypeFor(mode))
      throw invalid(
        `The provided target group ${targetGroupArn} has target type ${targetType}, which is incompatible with the ${mode} network mode specified in the task definition.`,
      )
  }
}

// A task with an address of its own is reached there; any other by a port of its host.
const targetTypeFor = (mode: NetworkMode): 'ip' | 'instance' => (mode === 'awsvpc' ? 'ip' : 'instance')

export const SERVICE_LINKED_ROLE = 'role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'

/** `role`, by name or ARN, as an ARN. Only where ECS's own role would not be needed. */
export const roleArnFrom = (
  role: string | undefined,
  accountId: string,
  asked: readonly LoadBalancer[],
  definition: TaskDefinition | undefined,
): string | undefined => {
  if (!role) return asked.length === 0 ? undefined : `arn:aws:iam::${accountId}:${SERVICE_LINKED_ROLE}`
  if (asked.length === 0)
    throw invalid('Role is only valid for services configured to use load balancers. Remove the role and try again.')
  if (asked.length > 1 || definition === undefined || networkModeOf(definition) === 'awsvpc')
    throw invalid('You cannot specify an IAM role for services that require a service linked role.')
  return role.startsWith('arn:') ? role : `arn:aws:iam::${accountId}:role/${role.replace(/^\//, '')}`
}
