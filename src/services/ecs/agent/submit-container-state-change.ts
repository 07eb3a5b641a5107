// SubmitContainerStateChange: an older agent tells about one container; newer ones put it into SubmitTaskStateChange.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SubmitContainerStateChange.html
import type { SubmitContainerStateChangeRequest, SubmitContainerStateChangeResponse } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { reportedStatus, submitReport } from './submit-report.ts'

export const submitContainerStateChange: EcsOperation<
  SubmitContainerStateChangeRequest,
  SubmitContainerStateChangeResponse
> =
  dependencies =>
  (request, { cluster, task, containerName, status, runtimeId, exitCode, reason, networkBindings }) =>
    submitReport(
      dependencies,
      request,
      { cluster, task },
      {
        containers: [
          {
            name: containerName ?? '',
            status: reportedStatus(status),
            runtimeId,
            exitCode,
            reason,
            networkBindings,
          },
        ],
      },
    )
