// SubmitAttachmentStateChanges: an agent confirms network interfaces and volumes. No task or instance gets any yet, so that
// each can only be stale, and a stale one is acknowledged: an agent repeats what is refused for ever.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SubmitAttachmentStateChanges.html
import type { SubmitAttachmentStateChangesRequest, SubmitAttachmentStateChangesResponse } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { ACKNOWLEDGMENT, checkCluster } from './submit-report.ts'

export const submitAttachmentStateChanges: EcsOperation<
  SubmitAttachmentStateChangesRequest,
  SubmitAttachmentStateChangesResponse
> =
  ({ store }) =>
  (request, { cluster }) => {
    checkCluster(store, request, cluster)
    return ACKNOWLEDGMENT
  }
