// RegisterDaemonTaskDefinition: the next revision of what a daemon's tasks are made from. It is a task definition in all that runs
// it, kept apart from the others; what those are refused, and why, holds here too. A daemon's task is on its host's network: on AWS
// daemons share a network of their own at 169.254.172.2, here they are where the host is.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-task-definitions.html
import type {
  DaemonVolume,
  RegisterDaemonTaskDefinitionRequest,
  RegisterDaemonTaskDefinitionResponse,
  RegisterTaskDefinitionRequest,
} from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { daemonFamilySpace, daemonTaskDefinitionArn } from '../../../domain/arn.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import { taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { refuseUnsupported } from '../task-definition/refuse-unsupported.ts'
import { contentOf, nextRevision } from '../task-definition/register-task-definition.ts'
import { validateTaskDefinition } from '../task-definition/validate.ts'

export const registerDaemonTaskDefinition: EcsOperation<
  RegisterDaemonTaskDefinitionRequest,
  RegisterDaemonTaskDefinitionResponse
> =
  ({ store, clock }) =>
  (request, input) => {
    for (const volume of input.volumes ?? []) refuseLogVolume(volume)
    const asked = asTaskDefinition(input)
    validateTaskDefinition(asked)
    refuseUnsupported(asked)
    const tags = validateTags(input.tags)
    const content = contentOf(asked)
    const family = input.family ?? ''
    return store.write(tx => {
      const revision = nextRevision(tx, daemonFamilySpace(request.region), family)
      const definition: TaskDefinition = {
        ...content,
        arn: daemonTaskDefinitionArn(request, family, revision),
        family,
        revision,
        status: 'ACTIVE',
        tags,
        registeredAt: clock.now(),
        registeredBy: request.caller.arn,
      }
      tx.put(taskDefinitions, definition)
      return { daemonTaskDefinitionArn: definition.arn }
    })
  }

/** `shared` is the host's namespace. */
const asTaskDefinition = (input: RegisterDaemonTaskDefinitionRequest): RegisterTaskDefinitionRequest => {
  const { volumes, pidMode, ipcMode, ...rest } = input
  return {
    ...rest,
    networkMode: 'host',
    ...(volumes === undefined ? {} : { volumes: volumes.map(({ name, host }) => ({ name, host })) }),
    ...(pidMode === 'shared' ? { pidMode: 'host' as const } : {}),
    ...(ipcMode === 'shared' ? { ipcMode: 'host' as const } : {}),
  }
}

const refuseLogVolume = ({ name, logDriverVolumeConfiguration }: DaemonVolume): void => {
  if (logDriverVolumeConfiguration)
    throw new AwsError(
      'ClientException',
      `Stowage does not support 'logDriverVolumeConfiguration' yet (volume '${name}').`,
    )
}
