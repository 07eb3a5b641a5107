// What stands behind an operator's own capacity provider. On AWS an Auto Scaling group, which ECS makes larger and smaller;
// here nobody can make machines, so that everything that would have ECS manage them is refused (fields.ts). The group's ARN or name is
// kept and answered as given; the instances are those that say so themselves (domain/capacity-provider.ts).
// Before: CreateCapacityProvider, UpdateCapacityProvider.
import type { AutoScalingGroupProvider, AutoScalingGroupProviderUpdate, ManagedScaling } from '@aws-sdk/client-ecs'
import { invalid } from '../refuse.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedScaling.html */
const SCALING_OFF: Required<ManagedScaling> = {
  status: 'DISABLED',
  targetCapacity: 100,
  minimumScalingStepSize: 1,
  maximumScalingStepSize: 10_000,
  instanceWarmupPeriod: 300,
}

const MAX_GROUP_LENGTH = 1600

export const newGroup = ({
  autoScalingGroupArn = '',
  ...asked
}: AutoScalingGroupProvider): AutoScalingGroupProvider => {
  if (autoScalingGroupArn === '' || autoScalingGroupArn.length > MAX_GROUP_LENGTH)
    throw invalid(
      'The specified Auto Scaling group ARN is not valid. Specify a valid Auto Scaling group ARN and try again.',
    )
  return changedGroup(
    {
      autoScalingGroupArn,
      managedScaling: SCALING_OFF,
      managedTerminationProtection: 'DISABLED',
      managedDraining: 'DISABLED',
    },
    asked,
  )
}

/** `asked` laid over what holds so far. */
export const changedGroup = (
  sofar: AutoScalingGroupProvider,
  asked: AutoScalingGroupProviderUpdate,
): AutoScalingGroupProvider => {
  const { managedScaling = {} } = asked
  return { ...sofar, managedScaling: checked({ ...SCALING_OFF, ...sofar.managedScaling, ...given(managedScaling) }) }
}

const given = (scaling: ManagedScaling): ManagedScaling =>
  Object.fromEntries(Object.entries(scaling).filter(([, value]) => value !== undefined))

const checked = (scaling: Required<ManagedScaling>): ManagedScaling => {
  const within = (
    member: 'targetCapacity' | 'minimumScalingStepSize' | 'maximumScalingStepSize' | 'instanceWarmupPeriod',
    least: number,
    most: number,
  ): void => {
    const value = scaling[member] ?? least
    if (value < least || value > most) throw invalid(`managedScaling.${member} must be from ${least} to ${most}.`)
  }
  within('targetCapacity', 1, 100)
  within('minimumScalingStepSize', 1, 10_000)
  within('maximumScalingStepSize', 1, 10_000)
  within('instanceWarmupPeriod', 0, 10_000)
  return scaling
}
