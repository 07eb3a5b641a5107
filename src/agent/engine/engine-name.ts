// Names on the container engine. They come from the task's ARN alone: a create that is done again after a crash finds the first one's.
// Before: record.ts and volumes.ts.
import { hash } from 'node:crypto'
import type { PayloadTask } from '../../agent-link/acs.ts'

/** A volume's name is a directory's. Families, containers and volumes have names of up to this length each. */
const LONGEST = 255
const HEX_DIGITS = 20

const hexOf = (taskArn: string, name: string): string => hash('sha256', `${taskArn}/${name}`).slice(0, HEX_DIGITS)

const plain = (text: string): string => text.replace(/[^A-Za-z0-9-]/g, '')

export const engineName = (task: PayloadTask, name: string): string => {
  const readable = `ecs-${task.family}-${task.version}-${plain(name)}`
  return `${readable.slice(0, LONGEST - HEX_DIGITS - 1)}-${hexOf(task.arn, name)}`
}
