// Whether a task definition can be launched as asked: launch type, platform version, network configuration, placement.
// Before: RunTask, StartTask, CreateService, UpdateService. After: placement, which takes what passed here as sound.
import type { LaunchType, NetworkConfiguration, PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { networkModeOf, type TaskDefinition } from '../../../domain/task-definition.ts'
import { constraintProblem, strategyProblem } from '../../../scheduler/supported.ts'
import { invalid, notBuilt } from '../refuse.ts'

/** What Fargate's LATEST is, and what it runs. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-linux-fargate.html */
export const FARGATE_PLATFORM_VERSION = '1.4.0'
export const FARGATE_PLATFORM_FAMILY = 'Linux'

/**
 * ECS runs awsvpc definitions only on Fargate. Network mode awsvpc is not built yet, so that launch type FARGATE takes any
 * definition with a size of its own (cpu and memory of the task); what runs it is Stowage's own capacity either way.
 */
const fitsFargate = (definition: TaskDefinition): boolean =>
  definition.compatibilities.includes('FARGATE') || (definition.cpu !== undefined && definition.memory !== undefined)

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html: the definition's own constraints count too. */
const MAX_CONSTRAINTS = 10
const MAX_STRATEGIES = 5

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
  checkNetwork(definition, launch.networkConfiguration)
  checkConstraints(definition, launch)
  checkStrategy(launch)
}

const checkLaunchType = (definition: TaskDefinition, launchType: LaunchType): void => {
  if (launchType === 'MANAGED_INSTANCES') throw notBuilt('Launch type MANAGED_INSTANCES')
  const fits = launchType === 'FARGATE' ? fitsFargate(definition) : definition.compatibilities.includes(launchType)
  if (!fits) throw invalid(`Task definition does not support launch_type ${launchType}.`)
}

const checkPlatformVersion = ({ launchType, platformVersion }: LaunchRequest): void => {
  if (!platformVersion) return
  if (launchType !== 'FARGATE')
    throw invalid(`The platform version must be null when specifying an ${launchType} launch type.`)
  if (platformVersion !== 'LATEST' && platformVersion !== FARGATE_PLATFORM_VERSION)
    throw new AwsError('PlatformUnknownException', 'The specified platform does not exist.')
}

const checkNetwork = (definition: TaskDefinition, configuration: NetworkConfiguration | undefined): void => {
  const awsvpc = networkModeOf(definition) === 'awsvpc'
  const given = configuration?.awsvpcConfiguration !== undefined
  if (awsvpc && !given) throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
  if (!awsvpc && given)
    throw invalid('Network Configuration is not valid for the given networkMode of this task definition.')
  if (awsvpc) throw notBuilt('Network mode awsvpc')
}

const checkConstraints = (definition: TaskDefinition, launch: LaunchRequest): void => {
  const constraints = launch.placementConstraints ?? []
  if (constraints.length > 0 && launch.launchType === 'FARGATE')
    throw invalid('Placement constraints are not supported with FARGATE launch type.')
  if (constraints.length + definition.placementConstraints.length > MAX_CONSTRAINTS)
    throw invalid(`A task can have at most ${MAX_CONSTRAINTS} placement constraints, with its task definition's.`)
  refuse(constraintProblem(constraints))
}

const checkStrategy = ({ launchType, placementStrategy = [] }: LaunchRequest): void => {
  if (placementStrategy.length > 0 && launchType === 'FARGATE')
    throw invalid('Placement strategies are not supported with FARGATE launch type.')
  if (placementStrategy.length > MAX_STRATEGIES)
    throw invalid(`A task can have at most ${MAX_STRATEGIES} placement strategies.`)
  refuse(strategyProblem(placementStrategy))
}

const refuse = (problem: string | undefined): void => {
  if (problem) throw invalid(problem)
}
