// CreateTaskSet: a further set of tasks in a service whose deployments somebody else controls. It is ACTIVE until it is made the
// PRIMARY. After: the deployment loop starts its tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateTaskSet.html
import type { CreateTaskSetRequest, CreateTaskSetResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import { clusterNameOf, taskSetArn } from '../../../domain/arn.ts'
import type { Service } from '../../../domain/service.ts'
import type { TaskSet } from '../../../domain/task-set.ts'
import type { Transaction } from '../../../store/store.ts'
import { deployments, idempotency } from '../../../store/tables.ts'
import { capacityFor } from '../capacity-provider/strategy.ts'
import type { EcsDependencies, EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkToken, findToken, requestHash, tokenKey } from '../idempotency.ts'
import { invalid, refuseUnbuilt } from '../refuse.ts'
import { checkLoadBalancers, checkTargetContainers, checkTargetGroups } from '../service/load-balancers.ts'
import { newDeployment } from '../service/new-deployment.ts'
import { serviceTaskDefinition } from '../service/service-task-definition.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { checkLaunch } from '../task/check-launch.ts'
import { networkConfigurationOf } from '../task/network-configuration.ts'
import { checkScale } from './check-scale.ts'
import { describeTaskSet, taskSetsOf } from './describe.ts'
import { taskSetFields } from './fields.ts'
import { findExternalService, findTaskSet } from './find-task-set.ts'

const MAX_TOKEN = 36

/** Ours: each costs a look whenever its service is looked at, and who shifts traffic needs two or three. */
const MAX_TASK_SETS = 20

export const createTaskSet: EcsOperation<CreateTaskSetRequest, CreateTaskSetResponse> =
  dependencies => (request, input) => {
    const { loadBalancers = [], clientToken } = input
    refuseUnbuilt(taskSetFields, input)
    checkLoadBalancers(loadBalancers)
    if (clientToken) checkToken(clientToken, MAX_TOKEN)
    const hash = requestHash(input)
    const now = dependencies.clock.now()
    return dependencies.store.write(tx => {
      const service = findExternalService(tx, request, input)
      const key = clientToken ? tokenKey('CreateTaskSet', service.clusterArn, clientToken) : undefined
      const earlier = key ? createdUnder(tx, request, service, { key, hash, now }) : undefined
      if (earlier) return { taskSet: describeTaskSet(tx, service, earlier, { tags: true }) }
      if (taskSetsOf(tx, service).length >= MAX_TASK_SETS)
        throw new AwsError('LimitExceededException', `A service can have at most ${MAX_TASK_SETS} task sets.`)
      const row = newTaskSet(tx, request, service, input, dependencies)
      tx.put(deployments, row)
      if (key)
        tx.put(idempotency, { key, requestHash: hash, resourceArns: [row.taskSet.arn], failures: [], createdAt: now })
      return { taskSet: describeTaskSet(tx, service, row, { tags: true }) }
    })
  }

const createdUnder = (
  tx: Transaction,
  request: RequestContext,
  service: Service,
  { key, hash, now }: { readonly key: string; readonly hash: string; readonly now: number },
): TaskSet | undefined => {
  const record = findToken(tx, key, now)
  const found = record?.resourceArns[0] ? findTaskSet(tx, request, service, record.resourceArns[0]) : undefined
  if (found && record?.requestHash !== hash) throw invalid('Creation of task set was not idempotent.')
  return found
}

const newTaskSet = (
  tx: Transaction,
  request: RequestContext,
  service: Service,
  input: CreateTaskSetRequest,
  { clock, ids }: EcsDependencies,
): TaskSet => {
  const definition = serviceTaskDefinition(tx, request, input.taskDefinition ?? '')
  const capacity = capacityFor(findCluster(tx, request, input.cluster), input)
  const networkConfiguration = networkConfigurationOf(input.networkConfiguration)
  const platformVersion = input.platformVersion ?? (capacity.launchType === 'FARGATE' ? 'LATEST' : undefined)
  // What the service shows is its PRIMARY's.
  const { capacityProviderStrategy: _, platformVersion: __, networkConfiguration: ___, ...others } = service
  const { loadBalancers: ____, ...own } = others
  const made: Service = {
    ...own,
    ...capacity,
    taskDefinitionArn: definition.arn,
    ...(platformVersion === undefined ? {} : { platformVersion }),
    ...(networkConfiguration === undefined ? {} : { networkConfiguration }),
    ...(input.loadBalancers?.length ? { loadBalancers: input.loadBalancers } : {}),
  }
  checkLaunch(definition, made)
  checkTargetGroups(tx, made.loadBalancers ?? [])
  checkTargetContainers(tx, definition, made.loadBalancers ?? [])
  const deployment = newDeployment(made, ids, clock.now())
  const cluster = clusterNameOf(service.clusterArn)
  return {
    ...deployment,
    status: 'ACTIVE',
    taskSet: {
      arn: taskSetArn(request, cluster, service.name, deployment.id),
      ...(input.externalId === undefined ? {} : { externalId: input.externalId }),
      scale: checkScale(input.scale, 100),
      draining: false,
      tags: validateTags(input.tags),
    },
  }
}
