// StopServiceDeployment: asks for an end of a service deployment that is in progress: back to the last revision that was
// rolled out to the end (ROLLBACK), or just no further (ABORT). After: the deployment loop, which does it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
import type { StopServiceDeploymentRequest, StopServiceDeploymentResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { isOver } from '../../../domain/service-deployment.ts'
import { serviceDeployments } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findServiceDeployment } from './find-service-deployment.ts'

export const stopServiceDeployment: EcsOperation<StopServiceDeploymentRequest, StopServiceDeploymentResponse> =
  ({ store, clock }) =>
  (request, input) =>
    store.write(tx => {
      const arn = input.serviceDeploymentArn ?? ''
      const found = findServiceDeployment(tx, request, arn)
      if (!found) throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.')
      if (isOver(found))
        throw new AwsError('ConflictException', `The service deployment cannot be stopped: it is ${found.status}.`)
      // In the other states it is on its way there already.
      if (found.status === 'PENDING' || found.status === 'IN_PROGRESS') {
        const status = input.stopType === 'ABORT' ? 'STOP_REQUESTED' : 'ROLLBACK_REQUESTED'
        tx.put(serviceDeployments, { ...found, status, updatedAt: clock.now() })
      }
      return { serviceDeploymentArn: arn }
    })
