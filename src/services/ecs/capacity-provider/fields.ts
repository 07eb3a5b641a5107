// Every field that CreateCapacityProvider, UpdateCapacityProvider and DeleteCapacityProvider can be sent, and what becomes of it
// (field-support.ts). Nobody can make machines here, so that everything that would have ECS manage them is refused.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
import type {
  AutoScalingGroupProvider,
  CreateCapacityProviderRequest,
  DeleteCapacityProviderRequest,
  ManagedScaling,
  UpdateCapacityProviderRequest,
} from '@aws-sdk/client-ecs'
import { tagFields } from '../common-fields.ts'
import { accepted, type FieldsOf, honoured, onlyBecause, refused, within } from '../field-support.ts'

const NO_MACHINES = 'Stowage starts and ends no machines'
const NO_SCALING = 'kept and answered; only read where managed scaling is on, which is refused'

const scalingFields: FieldsOf<ManagedScaling> = {
  status: onlyBecause(
    `${NO_MACHINES}: start agents with --capacity-provider and the provider's name instead`,
    'DISABLED',
  ),
  targetCapacity: accepted(NO_SCALING),
  minimumScalingStepSize: accepted(NO_SCALING),
  maximumScalingStepSize: accepted(NO_SCALING),
  instanceWarmupPeriod: accepted(NO_SCALING),
}

const groupFields: FieldsOf<AutoScalingGroupProvider> = {
  autoScalingGroupArn: accepted('kept and answered; the instances are those that say so themselves'),
  managedScaling: within(scalingFields),
  managedTerminationProtection: onlyBecause(NO_MACHINES, 'DISABLED'),
  managedDraining: onlyBecause(
    `${NO_MACHINES}: set instances to DRAINING with UpdateContainerInstancesState instead`,
    'DISABLED',
  ),
}

/** Of the three requests: what one of them lacks it cannot be sent. */
export const capacityProviderFields: FieldsOf<
  CreateCapacityProviderRequest & UpdateCapacityProviderRequest & DeleteCapacityProviderRequest
> = {
  name: honoured,
  capacityProvider: honoured,
  cluster: refused('it is of managed instances'),
  managedInstancesProvider: refused(NO_MACHINES),
  autoScalingGroupProvider: within(groupFields),
  tags: within(tagFields),
}
