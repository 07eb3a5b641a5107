// SubmitTaskStateChange: an agent tells what became of a task and its containers; its main way of telling.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SubmitTaskStateChange.html
//
// A task with network mode awsvpc has one container more than its definition: the one that holds its network. Its entry
// brings the address (domain/sandbox.ts); the confirmation of the attachment beside it says nothing more. Managed agents
// are acknowledged and dropped: no task gets any yet, so that they can only be stale.
import type { SubmitTaskStateChangeRequest, SubmitTaskStateChangeResponse } from '@aws-sdk/client-ecs'
import { sandboxAddress } from '../../../domain/sandbox.ts'
import type { EcsOperation } from '../context.ts'
import { reportedStatus, submitReport } from './submit-report.ts'

export const submitTaskStateChange: EcsOperation<SubmitTaskStateChangeRequest, SubmitTaskStateChangeResponse> =
  dependencies => (request, input) =>
    submitReport(dependencies, request, input, {
      status: reportedStatus(input.status),
      reason: input.reason,
      containers: (input.containers ?? []).map(({ containerName, status, ...container }) => ({
        name: containerName ?? '',
        status: reportedStatus(status),
        ...container,
      })),
      address: sandboxAddress(input.containers ?? []),
      pullStartedAt: input.pullStartedAt?.getTime(),
      pullStoppedAt: input.pullStoppedAt?.getTime(),
      executionStoppedAt: input.executionStoppedAt?.getTime(),
    })
