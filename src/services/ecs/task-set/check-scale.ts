// The percentage that a task set's scale asks for.
import type { Scale } from '@aws-sdk/client-ecs'
import { invalid } from '../refuse.ts'

export const checkScale = (scale: Scale | undefined, usual: number): number => {
  const value = scale?.value ?? usual
  if (!(value >= 0 && value <= 100)) throw invalid('The scale of a task set must be from 0 to 100 percent.')
  return value
}
