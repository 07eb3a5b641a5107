// ContinueServiceDeployment: answers a lifecycle hook that a service deployment waits for: on, or back. After: the deployment
// loop, which does it. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
import type { ContinueServiceDeploymentRequest, ContinueServiceDeploymentResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { isOver } from '../../../domain/service-deployment.ts'
import type { PauseHook } from '../../../domain/traffic-shift.ts'
import { serviceDeployments } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { findServiceDeployment } from './find-service-deployment.ts'

export const continueServiceDeployment: EcsOperation<
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse
> =
  ({ store, clock }) =>
  (request, input) => {
    const { serviceDeploymentArn: arn = '', hookId = '', action = 'CONTINUE' } = input
    if (!/^ecs-[a-z]+-[\w-]+$/.test(hookId))
      throw invalid('Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}')
    return store.write(tx => {
      const found = findServiceDeployment(tx, request, arn)
      if (!found) throw new AwsError('ServiceDeploymentNotFoundException', 'The service deployment does not exist.')
      if (isOver(found))
        throw invalid('Continuing a service deployment is not allowed for service deployment in terminal states.')
      const { shift, status } = found
      const hook = shift?.hooks.find(({ id }) => id === hookId)
      if (!shift || hook?.status !== 'AWAITING_ACTION' || status !== 'IN_PROGRESS')
        throw invalid('Provided hookId is either completed, unavailable, or not associated with the given Resource ARN')
      const answered: PauseHook = { ...hook, status: action === 'ROLLBACK' ? 'FAILED' : 'SUCCEEDED' }
      const hooks = shift.hooks.map(each => (each === hook ? answered : each))
      tx.put(serviceDeployments, { ...found, shift: { ...shift, hooks }, updatedAt: clock.now() })
      return { serviceDeploymentArn: arn }
    })
  }
