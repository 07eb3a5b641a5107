// What the conformance tests of placement and of a fleet that changes have in common: a `stowage up` with three simulated instances,
// and a task definition that fits anywhere.
import { after, before } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import { type Stowage, startStowage } from '../e2e/stowage.ts'

export type Fleet = {
  readonly client: ecs.ECSClient
  /** ARNs of its container instances. */
  readonly instances: readonly string[]
}

/** The family of the task definition. */
export const FREE = 'free'

/** Started before the file's tests and disposed of after them; to be called by each test for what is there by then. */
export const fleetForTests = (): (() => Fleet) => {
  let stowage: Stowage
  let fleet: Fleet
  before(async () => {
    stowage = await startStowage({ runtime: 'fake', instances: 3 })
    const client = stowage.ecs
    const { containerInstanceArns: instances = [] } = await client.send(new ecs.ListContainerInstancesCommand({}))
    const containerDefinitions = [{ name: 'main', image: 'fake/run', memory: 32 }]
    await client.send(new ecs.RegisterTaskDefinitionCommand({ family: FREE, containerDefinitions }))
    fleet = { client, instances }
  })
  after(() => stowage?.dispose())
  return () => fleet
}
