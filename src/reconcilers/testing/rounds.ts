// Steps that tests of the deployment plan take together, and what they ask of a world. Before: the plan's tests. After: world.ts.
import assert from 'node:assert/strict'
import { DEPLOYMENT_SETTINGS } from '../deployment/settings.ts'
import { makeWorld, type World } from './world.ts'

export const bounds = (minimumHealthyPercent: number, maximumPercent: number) => ({
  deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
})

/** Steps, settles and waits until every task that will run has run long enough. */
export const round = (world: World): void => {
  world.step()
  world.settle()
  world.advance(DEPLOYMENT_SETTINGS.healthyAfterMs)
  world.settle()
}

export const steady = (service: Parameters<typeof makeWorld>[0]): World => {
  const world = makeWorld(service)
  world.settle()
  round(world)
  assert.equal(world.primary()?.rolloutState, 'COMPLETED')
  return world
}

export const startsOf = (world: World): number => world.plan().start.reduce((total, { count }) => total + count, 0)
export const countIn = (world: World, deploymentId: string | undefined): number =>
  world.live().filter(task => task.deploymentId === deploymentId && task.desiredStatus === 'RUNNING').length
