// Three container instances of a simulated world (world.ts): tasks are dealt to those that are there and not draining.
import type { Task } from '../../domain/task.ts'
import type { Hosts } from '../deployment/fleet.ts'
import { instanceArn } from './rows.ts'

type State = { readonly draining: boolean; readonly gone: boolean }

const NAMES = ['i0', 'i1', 'i2']

export const worldHosts = () => {
  const states = new Map<string, State>(NAMES.map(name => [instanceArn(name), { draining: false, gone: false }]))
  const stateOf = (task: Task): State | undefined => states.get(task.containerInstanceArn ?? '')
  return {
    names: NAMES,
    set: (name: string, change: Partial<State>): void => {
      const arn = instanceArn(name)
      states.set(arn, { draining: false, gone: false, ...states.get(arn), ...change })
    },
    isGone: (task: Task): boolean => stateOf(task)?.gone ?? false,
    isDraining: (task: Task): boolean => stateOf(task)?.draining ?? false,
    /** Where task number `number` goes; nowhere when no instance takes tasks. */
    place: (number: number): Partial<Task> => {
      const open = [...states].flatMap(([arn, { draining, gone }]) => (draining || gone ? [] : [arn]))
      const containerInstanceArn = open[number % Math.max(1, open.length)]
      if (containerInstanceArn === undefined) return { lastStatus: 'PROVISIONING', placementExplanation: 'no place' }
      return { lastStatus: 'PENDING', containerInstanceArn, availabilityZone: `z${number % 2}` }
    },
    seen: (): Hosts =>
      new Map(
        [...states].map(([arn, { draining, gone }]) => [
          arn,
          { draining, lost: gone, fits: !draining && !gone, busy: false, cpuLeft: 0, memoryLeft: 0 },
        ]),
      ),
  }
}
