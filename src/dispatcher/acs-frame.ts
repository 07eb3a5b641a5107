// The text of a frame that came over the ACS link, as a message, or undefined: malformed and unknown ones alike are ignored,
// as the ECS agent does with ours. Before: session.ts. Shapes: agent-link/acs.ts.
import type { AgentMessage, TaskIdentifier } from '../agent-link/acs.ts'
import { envelopeOf, type JsonObject, objectsOf, stringOf } from './json.ts'

export const readAgentMessage = (text: string): AgentMessage | undefined => {
  const frame = envelopeOf(text)
  const messageId = stringOf(frame?.message['messageId'])
  if (!frame || messageId === undefined) return undefined
  const { type, message } = frame
  switch (type) {
    case 'AckRequest':
      return { type, message: { ...sender(message), messageId } }
    case 'NackRequest':
      return { type, message: { ...sender(message), messageId, reason: stringOf(message['reason']) ?? '' } }
    case 'HeartbeatAckRequest':
      return { type, message: { messageId } }
    case 'TaskStopVerificationMessage':
      return { type, message: { messageId, stopCandidates: objectsOf(message['stopCandidates']).flatMap(candidate) } }
    default:
      return undefined
  }
}

const sender = (message: JsonObject) => ({
  cluster: stringOf(message['cluster']) ?? '',
  containerInstance: stringOf(message['containerInstance']) ?? '',
})

const candidate = (entry: JsonObject): TaskIdentifier[] => {
  const taskArn = stringOf(entry['taskArn'])
  if (taskArn === undefined) return []
  return [{ taskArn, taskClusterArn: stringOf(entry['taskClusterArn']) ?? '', desiredStatus: 'STOPPED' }]
}
