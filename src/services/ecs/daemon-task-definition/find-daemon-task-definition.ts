// A daemon task definition by family, family:revision or ARN. Reads the store, writes nothing.
import type { RequestContext } from '../../../aws/operation.ts'
import { daemonFamilySpace } from '../../../domain/arn.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import type { Reader } from '../../../store/store.ts'
import { taskDefinitionKey, taskDefinitions } from '../../../store/tables.ts'
import { latestActive, parseOwnArn, type TaskDefinitionName } from '../find.ts'
import { invalid } from '../refuse.ts'

/** InvalidParameterException for an ARN of something else, and when the revision is not a number. */
export const parseDaemonTaskDefinition = (request: RequestContext, identifier: string): TaskDefinitionName => {
  const [family = '', revision] = resourceOf(request, identifier).split(':')
  if (revision === undefined) return { family }
  if (!/^[1-9][0-9]{0,9}$/.test(revision)) throw invalid('Invalid revision number.')
  return { family, revision: Number(revision) }
}

/** Of whatever status for a revision, the newest ACTIVE one for a family. */
export const findDaemonTaskDefinition = (
  reader: Reader,
  request: RequestContext,
  identifier: string,
): TaskDefinition | undefined => {
  const { family, revision } = parseDaemonTaskDefinition(request, identifier)
  const space = daemonFamilySpace(request.region)
  return revision === undefined
    ? latestActive(reader, space, family)
    : reader.get(taskDefinitions, taskDefinitionKey(space, family, revision))
}

const resourceOf = (request: RequestContext, identifier: string): string => {
  if (!identifier.startsWith('arn:')) return identifier
  const { type, resource } = parseOwnArn(request, identifier)
  if (type !== 'daemon-task-definition')
    throw invalid(`Invalid identifier: ${identifier} is not the ARN of a daemon task definition`)
  return resource
}
