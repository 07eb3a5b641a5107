// DeregisterTaskDefinition: makes one revision INACTIVE. Tasks and services that use it go on; new ones are refused.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
import type { DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { taskDefinitions } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findTaskDefinition, parseTaskDefinitionName } from '../find.ts'
import { describeDefinition } from './describe.ts'

export const deregisterTaskDefinition: EcsOperation<DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse> =
  ({ store, clock }) =>
  (request, input) => {
    const name = input.taskDefinition ?? ''
    // A bare family would leave it to us which revision goes.
    if (parseTaskDefinitionName(request, name).revision === undefined) throw doesNotExist()
    return store.write(tx => {
      const found = findTaskDefinition(tx, request, name, doesNotExist)
      if (found.status !== 'ACTIVE') return { taskDefinition: describeDefinition(found) }
      const deregistered = { ...found, status: 'INACTIVE', deregisteredAt: clock.now() } as const
      tx.put(taskDefinitions, deregistered)
      return { taskDefinition: describeDefinition(deregistered) }
    })
  }

const doesNotExist = (): AwsError =>
  new AwsError(
    'ClientException',
    'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
  )
