// Whether a task definition can be launched as asked: launch type, platform version, network configuration, placement.
// Before: RunTask, StartTask, CreateService, UpdateService. After: placement, which takes what passed here as sound.
import type { LaunchType, NetworkConfiguration, PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import type { TaskDefinition } from '../../../domain/task-definition.ts'
import { constraintProblem, strategyProblem } from '../../../scheduler/supported.ts'
import { invalid } from '../refuse.ts'
import { checkNetwork } from './network-configuration.ts'

/** What Fargate's LATEST is, and what it runs. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-linux-fargate.html */
export const FARGATE_PLATFORM_VERSION = '1.4.0'
export const FARGATE_PLATFORM_FAMILY = 'Linux'

export type LaunchRequest = {
  readonly launchType: LaunchType
  readonly platformVersion?: string | undefined
  readonly networkConfiguration?: NetworkConfiguration | undefined
  readonly placementConstraints?: readonly PlacementConstraint[] | undefined
  readonly placementStrategy?: readonly PlacementStrategy[] | undefined
}

export const checkLaunch = (definition: TaskDefinition, launch: LaunchRequest): void => {
  checkLaunchType(definition, launch.launchType)
  checkPlatformVersion(launch)
  checkNetwork(definition, launch.launchType, launch.networkConfiguration)
  checkConstraints(definition, launch)
  checkStrategy(launch)
}

const checkLaunchType = (definition: TaskDefinition, launchType: LaunchType): void => {
  if (!definition.compatibilities.includes(launchType))
    throw invalid(`Task definition does not support launch_type ${launchType}.`)
}

const checkPlatformVersion = ({ launchType, platformVersion }: LaunchRequest): void => {
  if (!platformVersion) return
  if (launchType !== 'FARGATE')
    throw invalid(`The platform version must be null when specifying an ${launchType} launch type.`)
  if (platformVersion !== 'LATEST' && platformVersion !== FARGATE_PLATFORM_VERSION)
    throw new AwsError('PlatformUnknownException', 'The specified platform does not exist.')
}

const checkConstraints = (definition: TaskDefinition, launch: LaunchRequest): void => {
  const constraints = launch.placementConstraints ?? []
  if (constraints.length > 0 && launch.launchType === 'FARGATE')
    throw invalid('Placement constraints are not supported with FARGATE launch type.')
  refuse(constraintProblem(constraints, definition.placementConstraints.length))
}

const checkStrategy = ({ launchType, placementStrategy = [] }: LaunchRequest): void => {
  if (placementStrategy.length > 0 && launchType === 'FARGATE')
    throw invalid('Placement strategies are not supported with FARGATE launch type.')
  refuse(strategyProblem(placementStrategy))
}

const refuse = (problem: string | undefined): void => {
  if (problem) throw invalid(problem)
}
