// DescribeServiceRevisions: up to twenty service revisions by ARN: what the tasks of a deployment are made from.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
import type {
  ContainerImage,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  Failure,
  ResolvedConfiguration,
  ServiceRevision as ServiceRevisionAnswer,
} from '@aws-sdk/client-ecs'
import { familySpaceOf, lastSegment } from '../../../domain/arn.ts'
import type { ServiceTarget } from '../../../domain/service.ts'
import { deploymentIdOf, type ServiceRevision } from '../../../domain/service-deployment.ts'
import type { Reader } from '../../../store/store.ts'
import { taskDefinitionKey, taskDefinitions, tasks } from '../../../store/tables.ts'
import { describeCapacity } from '../capacity-provider/describe.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { FARGATE_PLATFORM_FAMILY, FARGATE_PLATFORM_VERSION } from '../task/check-launch.ts'
import { checkService, findServiceRevision } from './find-service-deployment.ts'

const MAX_ARNS = 20

export const describeServiceRevisions: EcsOperation<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse> =
  ({ store }) =>
  (request, input) => {
    const asked = input.serviceRevisionArns ?? []
    if (asked.length === 0) throw invalid('Service revision ARNs cannot be empty.')
    if (asked.length > MAX_ARNS) throw invalid(`At most ${MAX_ARNS} service revisions can be described at a time.`)
    const serviceRevisions: ServiceRevisionAnswer[] = []
    const failures: Failure[] = []
    for (const arn of asked) {
      checkService(store, request, 'service-revision', arn)
      const found = findServiceRevision(store, request, arn)
      if (found) serviceRevisions.push(describeRevision(store, found))
      else failures.push({ arn, reason: 'MISSING' })
    }
    return { serviceRevisions, failures }
  }

const describeRevision = (reader: Reader, row: ServiceRevision): ServiceRevisionAnswer => ({
  serviceRevisionArn: row.arn,
  serviceArn: row.serviceArn,
  clusterArn: row.clusterArn,
  taskDefinition: row.taskDefinitionArn,
  ...describeCapacity(row),
  ...(row.launchType === 'FARGATE'
    ? { platformVersion: FARGATE_PLATFORM_VERSION, platformFamily: FARGATE_PLATFORM_FAMILY }
    : {}),
  loadBalancers: [...(row.loadBalancers ?? [])],
  serviceRegistries: [],
  networkConfiguration: row.networkConfiguration,
  containerImages: imagesOf(reader, row),
  guardDutyEnabled: false,
  serviceConnectConfiguration: { enabled: false },
  volumeConfigurations: [],
  ...(row.loadBalancers === undefined ? {} : { resolvedConfiguration: resolvedOf(row.loadBalancers) }),
  createdAt: new Date(row.createdAt),
})

const resolvedOf = (targets: readonly ServiceTarget[]): ResolvedConfiguration => ({
  loadBalancers: targets.map(({ targetGroupArn }) => ({ targetGroupArn })),
})

// The images of the task definition, each with its digest where a task of the revision that is to run has told it.
export const imagesOf = (reader: Reader, row: ServiceRevision): ContainerImage[] => {
  const [family = '', revision] = lastSegment(row.taskDefinitionArn).split(':')
  const key = taskDefinitionKey(familySpaceOf(row.taskDefinitionArn), family, Number(revision))
  const startedBy = `${row.clusterArn}|${deploymentIdOf(row.arn)}|RUNNING`
  const [task] = Iterator.from(reader.byIndex(tasks, 'byStartedByDesired', startedBy)).filter(({ containers }) =>
    containers.every(({ imageDigest }) => imageDigest !== undefined),
  )
  return (reader.get(taskDefinitions, key)?.containerDefinitions ?? []).map(({ name, image }) => {
    const imageDigest = task?.containers.find(container => container.name === name)?.imageDigest
    return { containerName: name, image, ...(imageDigest === undefined ? {} : { imageDigest }) }
  })
}
