// SubmitTaskStateChange: an agent tells what became of a task and its containers; its main way of telling.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SubmitTaskStateChange.html
//
// Attachments and managed agents are acknowledged and dropped: no task gets any yet, so that they can only be stale.
import type { SubmitTaskStateChangeRequest, SubmitTaskStateChangeResponse } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { reportedStatus, submitReport } from './submit-report.ts'

export const submitTaskStateChange: EcsOperation<SubmitTaskStateChangeRequest, SubmitTaskStateChangeResponse> =
  dependencies => (request, input) =>
    submitReport(dependencies, request, input.task, {
      status: reportedStatus(input.status),
      reason: input.reason,
      containers: (input.containers ?? []).map(({ containerName, status, ...container }) => ({
        name: containerName ?? '',
        status: reportedStatus(status),
        ...container,
      })),
      pullStartedAt: input.pullStartedAt?.getTime(),
      pullStoppedAt: input.pullStoppedAt?.getTime(),
      executionStoppedAt: input.executionStoppedAt?.getTime(),
    })
