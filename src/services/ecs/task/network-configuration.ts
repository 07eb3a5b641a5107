// The network that a task or a service asks for: needed with network mode awsvpc, refused with any other, kept with the
// defaults that AWS answers. Before: check-launch.ts, and whoever stores what passed. After: domain/network-interface.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
import type { AwsVpcConfiguration, LaunchType, NetworkConfiguration } from '@aws-sdk/client-ecs'
import { networkModeOf, type TaskDefinition } from '../../../domain/task-definition.ts'
import { accepted, type FieldsOf, honoured } from '../field-support.ts'
import { invalid } from '../refuse.ts'

const MAX_SUBNETS = 16
const MAX_SECURITY_GROUPS = 5

/** Printed by scripts/generate-coverage.ts. */
export const networkFields: FieldsOf<AwsVpcConfiguration> = {
  subnets: honoured,
  securityGroups: accepted('kept and answered; nothing filters what reaches a task'),
  assignPublicIp: accepted('kept and answered; a task has no other address than its private one'),
}

/** As AWS answers it; undefined when there is nothing in it, which is the same as not given. */
export const networkConfigurationOf = (given: NetworkConfiguration | undefined): NetworkConfiguration | undefined => {
  const awsvpc = given?.awsvpcConfiguration
  if (awsvpc === undefined) return undefined
  return {
    awsvpcConfiguration: {
      subnets: awsvpc.subnets,
      securityGroups: awsvpc.securityGroups ?? [],
      assignPublicIp: awsvpc.assignPublicIp ?? 'DISABLED',
    },
  }
}

export const checkNetwork = (
  definition: TaskDefinition,
  launchType: LaunchType,
  configuration: NetworkConfiguration | undefined,
): void => {
  const given = configuration?.awsvpcConfiguration
  if (networkModeOf(definition) !== 'awsvpc') {
    if (given === undefined) return
    throw invalid('Network Configuration is not valid for the given networkMode of this task definition.')
  }
  if (given === undefined)
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
  const { subnets = [], securityGroups = [], assignPublicIp } = given
  if (subnets.length === 0) throw invalid('subnets can not be empty.')
  if (subnets.length > MAX_SUBNETS) throw invalid(`subnets can have at most ${MAX_SUBNETS} items.`)
  if (securityGroups.length > MAX_SECURITY_GROUPS)
    throw invalid(`securityGroups can have at most ${MAX_SECURITY_GROUPS} items.`)
  if (![...subnets, ...securityGroups].every(id => /^[A-Za-z0-9-]+$/.test(id)))
    throw invalid('subnets and securityGroups must be ids.')
  if (assignPublicIp === 'ENABLED' && launchType !== 'FARGATE')
    throw invalid('Assign public IP is not supported for this launch type.')
}
