// A task's own cpu and memory, as callers may write them ("256", ".25 vCPU", "1 GB") and as AWS keeps them: decimal
// strings of CPU units and MiB. RegisterTaskDefinition and RunTask's overrides use it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'

const UNITS_PER_VCPU = 1024
const MIB_PER_GIB = 1024
/** AWS's bounds for tasks that are not for Fargate: an eighth of a core to 192 cores. */
const MIN_CPU = 128
const MAX_CPU = 196_608

/** "1 vCPU" -> "1024". ClientException with AWS's text when it is no size or out of bounds. */
export const taskCpu = (text: string): string => {
  const units = amount(text, /^(\d*\.?\d+)\s*vcpu$/i, UNITS_PER_VCPU)
  if (units === undefined || units < MIN_CPU || units > MAX_CPU) throw invalidSize('cpu')
  return String(units)
}

/** "3 GB" -> "3072". */
export const taskMemory = (text: string): string => {
  const mib = amount(text, /^(\d*\.?\d+)\s*gb$/i, MIB_PER_GIB)
  if (mib === undefined || mib < 1) throw invalidSize('memory')
  return String(mib)
}

const amount = (text: string, inUnits: RegExp, factor: number): number | undefined => {
  const trimmed = text.trim()
  const figure = /^\d+$/.test(trimmed) ? Number(trimmed) : Number(inUnits.exec(trimmed)?.[1]) * factor
  return Number.isSafeInteger(figure) ? figure : undefined
}

const invalidSize = (field: 'cpu' | 'memory'): AwsError =>
  new AwsError(
    'ClientException',
    `Invalid '${field}' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
  )

type Sized = {
  readonly cpu?: string | undefined
  readonly memory?: string | undefined
  readonly containerDefinitions?: readonly ContainerDefinition[] | undefined
}

/** A task's own size must be well formed and hold what its containers reserve. In AWS's words; undefined when it does. */
export const sizeProblem = ({ cpu, memory, containerDefinitions = [] }: Sized): string | undefined => {
  const total = (of: (container: ContainerDefinition) => number): number =>
    containerDefinitions.reduce((sum, container) => sum + of(container), 0)
  if (cpu && total(container => container.cpu ?? 0) > Number(taskCpu(cpu))) return tooMuch('cpu')
  const reserved = total(container => container.memoryReservation ?? container.memory ?? 0)
  return memory && reserved > Number(taskMemory(memory)) ? tooMuch('memory') : undefined
}

const tooMuch = (field: 'cpu' | 'memory'): string =>
  `The sum of all container '${field}' values cannot be greater than the value of the task '${field}'.`
