// Names on the container engine. They come from the task's ARN alone: a create that is done again after a crash finds the first one's.
// Before: record.ts and volumes.ts.
import { hash } from 'node:crypto'
import type { PayloadTask } from '../../agent-link/acs.ts'

const hexOf = (taskArn: string, name: string): string => hash('sha256', `${taskArn}/${name}`).slice(0, 20)

const plain = (text: string): string => text.replace(/[^A-Za-z0-9-]/g, '')

export const engineName = (task: PayloadTask, name: string): string =>
  `ecs-${task.family}-${task.version}-${plain(name)}-${hexOf(task.arn, name)}`
