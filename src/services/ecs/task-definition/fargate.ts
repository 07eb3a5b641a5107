// What Fargate asks of a task definition: network mode, sizes, and the fields that it does not take. A definition that must be
// fit for it is refused for the first thing (validate.ts); any other just is not `compatible` with it (compatibilities.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { taskCpu, taskMemory } from './task-size.ts'

const GIB = 1024
/** Seconds, of startTimeout and stopTimeout: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const TIMEOUT = { least: 2, most: 120 }
const LOG_DRIVERS: readonly string[] = ['awslogs', 'splunk', 'awsfirelens']

const steps = (first: number, last: number, step: number): readonly number[] =>
  Array.from({ length: (last - first) / step + 1 }, (_, at) => first + at * step)

/** CPU units, and the MiB that may go with them. */
const SIZES: ReadonlyMap<string, readonly number[]> = new Map([
  ['256', [512, GIB, 2 * GIB]],
  ['512', steps(GIB, 4 * GIB, GIB)],
  ['1024', steps(2 * GIB, 8 * GIB, GIB)],
  ['2048', steps(4 * GIB, 16 * GIB, GIB)],
  ['4096', steps(8 * GIB, 30 * GIB, GIB)],
  ['8192', steps(16 * GIB, 60 * GIB, 4 * GIB)],
  ['16384', steps(32 * GIB, 120 * GIB, 8 * GIB)],
  ['32768', [60 * GIB, 120 * GIB, 244 * GIB]],
])

export const NO_SUCH_SIZE = 'No Fargate configuration exists for given values.'

/** CPU units and MiB, as they are kept. */
export const isFargateSize = (cpu: string, memory: string): boolean => SIZES.get(cpu)?.includes(Number(memory)) === true

/** The first thing that Fargate would refuse, in AWS's words where they are known; undefined for a definition that it takes. */
export const fargateProblem = (input: RegisterTaskDefinitionRequest): string | undefined => {
  if (input.networkMode !== 'awsvpc') return 'Fargate only supports network mode ‘awsvpc’.'
  if (!input.cpu) return "Fargate requires that 'cpu' be defined at the task level."
  if (!input.memory) return "Fargate requires that 'memory' be defined at the task level."
  if (!isFargateSize(taskCpu(input.cpu), taskMemory(input.memory))) return NO_SUCH_SIZE
  if (input.ipcMode) return 'Tasks using the Fargate launch type do not support ipcMode.'
  if (input.pidMode && input.pidMode !== 'task') return notTaken(`pidMode ${input.pidMode}`)
  if (input.placementConstraints?.length) return notTaken('placementConstraints')
  for (const volume of input.volumes ?? []) {
    if (volume.host?.sourcePath) return notTaken('sourcePath')
    if (volume.dockerVolumeConfiguration) return notTaken('dockerVolumeConfiguration')
  }
  for (const container of input.containerDefinitions ?? []) {
    const problem = roleProblem(input, container) ?? containerProblem(container)
    if (problem !== undefined) return problem
  }
  return undefined
}

const notTaken = (what: string): string => `Fargate compatible task definitions do not support ${what}`

const roleProblem = (
  { executionRoleArn }: RegisterTaskDefinitionRequest,
  { image = '', logConfiguration }: ContainerDefinition,
): string | undefined => {
  if (executionRoleArn) return undefined
  const needed = 'Fargate requires task definition to have execution role ARN to support'
  if (logConfiguration?.logDriver === 'awslogs') return `${needed} log driver awslogs.`
  return /\.dkr\.ecr\./.test(image) ? `${needed} ECR images.` : undefined
}

const NOT_TAKEN = [
  'disableNetworking',
  'dnsSearchDomains',
  'dnsServers',
  'dockerSecurityOptions',
  'extraHosts',
  'links',
  'privileged',
] as const
const LINUX_NOT_TAKEN = ['devices', 'sharedMemorySize', 'maxSwap', 'swappiness'] as const

const containerProblem = (container: ContainerDefinition): string | undefined => {
  const { linuxParameters: linux = {}, logConfiguration, name } = container
  const field =
    NOT_TAKEN.find(member => isSet(container[member])) ?? LINUX_NOT_TAKEN.find(member => isSet(linux[member]))
  if (field !== undefined) return notTaken(field)
  if (container.resourceRequirements?.some(({ type }) => type === 'GPU')) return notTaken('gpu')
  const capability = linux.capabilities?.add?.find(added => added !== 'SYS_PTRACE')
  if (capability !== undefined) return notTaken(`capability ${capability}`)
  if (logConfiguration?.logDriver && !LOG_DRIVERS.includes(logConfiguration.logDriver))
    return notTaken(`log driver ${logConfiguration.logDriver}`)
  const timeout = (['startTimeout', 'stopTimeout'] as const).find(member => !isTimeout(container[member]))
  return timeout === undefined ? undefined : `Invalid '${timeout}' setting for container '${name}'.`
}

const isTimeout = (seconds = TIMEOUT.least): boolean => seconds >= TIMEOUT.least && seconds <= TIMEOUT.most

const isSet = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
