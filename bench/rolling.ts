// A rolling deployment of ten tasks, the new ones first (100 % to 200 %): UpdateService -> its service deployment SUCCESSFUL. With
// the fake runtime, whose containers start at once, so that what is measured is our own making: the 3 s for which a new task must
// run before it counts as healthy, and the rest. Once more without that wait.
import * as ecs from '@aws-sdk/client-ecs'
import { type Stowage, startStowage } from '../test/e2e/stowage.ts'
import { waitFor } from '../test/e2e/wait-for.ts'
import { atMost, type Benchmark, type Figure, median, runAlone, spread } from './figure.ts'

const TASKS = 10

export const rolling: Benchmark = async ({ quick }) => {
  const runs = quick ? 2 : 10
  const usual = await measured([], runs)
  const withoutWait = await measured(['--healthy-after', '0'], runs)
  const figures: readonly Figure[] = [
    {
      what: 'rolling deployment of 10 tasks, simulated instances',
      measured: spread(usual),
      ...atMost(median(usual), 4_000, '4 s'),
    },
    { what: 'the same, tasks healthy as soon as they run', measured: spread(withoutWait) },
  ]
  return figures
}

const measured = async (args: readonly string[], runs: number): Promise<number[]> => {
  const stowage = await startStowage({ runtime: 'fake', instances: 3, args })
  try {
    const containerDefinitions = [{ name: 'main', image: 'fake/run', cpu: 64, memory: 32 }]
    const register = new ecs.RegisterTaskDefinitionCommand({ family: 'rolling', containerDefinitions })
    await stowage.ecs.send(register)
    const service = { serviceName: 'rolling', taskDefinition: 'rolling', desiredCount: TASKS }
    await stowage.ecs.send(new ecs.CreateServiceCommand(service))
    await successful(stowage)
    const times: number[] = []
    for (let run = 0; run < runs; run++) {
      const start = performance.now()
      await stowage.ecs.send(new ecs.UpdateServiceCommand({ service: 'rolling', forceNewDeployment: true }))
      await successful(stowage)
      times.push(performance.now() - start)
    }
    return times
  } finally {
    await stowage.dispose()
  }
}

/** The newest service deployment is over, and well. */
const successful = ({ ecs: client }: Stowage): Promise<unknown> =>
  waitFor('the deployment is SUCCESSFUL', async () => {
    const listed = await client.send(new ecs.ListServiceDeploymentsCommand({ service: 'rolling', maxResults: 1 }))
    return listed.serviceDeployments?.[0]?.status === 'SUCCESSFUL' || undefined
  })

if (import.meta.main) await runAlone(rolling)
