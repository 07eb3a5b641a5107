// RegisterTaskDefinition: validates, refuses what cannot be honoured, fills AWS's defaults, and stores the family's next
// revision. Revision numbers rise by one and are never used again.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
import type { Compatibility, RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import { taskDefinitionArn } from '../../../domain/arn.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import type { Transaction } from '../../../store/store.ts'
import { taskDefinitionFamilies, taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { describeDefinition } from './describe.ts'
import { fargateProblem } from './fargate.ts'
import { containerWithDefaults, volumeWithDefaults } from './fill-defaults.ts'
import { refuseUnsupported } from './refuse-unsupported.ts'
import { requiredAttributes } from './requires-attributes.ts'
import { taskCpu, taskMemory } from './task-size.ts'
import { validateTaskDefinition } from './validate.ts'

/** AWS's quota of revisions of one family, deleted ones included. */
const MAX_REVISIONS = 1_000_000

/** Where a definition can run, whether it asked for that or not: only instances on AWS have interfaces to give. */
const compatibilitiesOf = (input: RegisterTaskDefinitionRequest): readonly Compatibility[] => {
  if (input.networkMode !== 'awsvpc') return ['EXTERNAL', 'EC2']
  return fargateProblem(input) === undefined ? ['EC2', 'FARGATE'] : ['EC2']
}

export const registerTaskDefinition: EcsOperation<RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse> =
  ({ store, clock }) =>
  (request, input) => {
    validateTaskDefinition(input)
    refuseUnsupported(input)
    const tags = validateTags(input.tags)
    const content = contentOf(input)
    const family = input.family ?? ''
    return store.write(tx => {
      const revision = nextRevision(tx, request.region, family)
      const definition: TaskDefinition = {
        ...content,
        ...identity(request, family, revision),
        tags,
        registeredAt: clock.now(),
      }
      tx.put(taskDefinitions, definition)
      return { taskDefinition: describeDefinition(definition), ...(tags.length > 0 ? { tags } : {}) }
    })
  }

/** Takes a family's next number. `space`: `familySpaceOf` the definition. */
export const nextRevision = (tx: Transaction, space: string, family: string): number => {
  const key = `${space}/${family}`
  const revision = (tx.get(taskDefinitionFamilies, key)?.lastRevision ?? 0) + 1
  if (revision > MAX_REVISIONS)
    throw new AwsError(
      'LimitExceededException',
      `The family has the most revisions that it can have: ${MAX_REVISIONS}.`,
    )
  tx.put(taskDefinitionFamilies, { key, family, region: space, lastRevision: revision })
  return revision
}

const identity = (request: RequestContext, family: string, revision: number) => ({
  arn: taskDefinitionArn(request, family, revision),
  family,
  revision,
  status: 'ACTIVE' as const,
  registeredBy: request.caller.arn,
})

/** What the definition says, with AWS's defaults; members that were not sent and have none stay absent. */
export const contentOf = (input: RegisterTaskDefinitionRequest) => {
  const {
    networkMode,
    pidMode,
    ipcMode,
    requiresCompatibilities,
    cpu,
    memory,
    executionRoleArn,
    runtimePlatform,
    ephemeralStorage,
  } = input
  const containers = (input.containerDefinitions ?? []).map(container =>
    containerWithDefaults(container, networkMode ?? 'bridge'),
  )
  return {
    containerDefinitions: containers,
    volumes: (input.volumes ?? []).map(volumeWithDefaults),
    placementConstraints: input.placementConstraints ?? [],
    requiresAttributes: requiredAttributes(containers, input),
    compatibilities: compatibilitiesOf(input),
    ...(networkMode ? { networkMode } : {}),
    ...(pidMode ? { pidMode } : {}),
    ...(ipcMode ? { ipcMode } : {}),
    ...(requiresCompatibilities?.length ? { requiresCompatibilities } : {}),
    ...(cpu ? { cpu: taskCpu(cpu) } : {}),
    ...(memory ? { memory: taskMemory(memory) } : {}),
    ...(executionRoleArn ? { executionRoleArn } : {}),
    ...(runtimePlatform ? { runtimePlatform } : {}),
    ...(ephemeralStorage ? { ephemeralStorage } : {}),
  }
}
