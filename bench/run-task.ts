// RunTask -> RUNNING as the caller sees it: an idle host, a cached image, one task at a time.
import {
  DescribeTasksCommand,
  type ECSClient,
  type NetworkMode,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import { idleTask } from '../test/e2e/definitions.ts'
import { percentile } from '../test/e2e/percentile.ts'
import { startStowage } from '../test/e2e/stowage.ts'
import { ensureTestImage, testDocker } from '../test/e2e/test-image.ts'
import { waitFor } from '../test/e2e/wait-for.ts'
import { atMost, type Benchmark, runAlone, spread } from './figure.ts'

const RUNS = 30
/** A stop that comes before the container's shell has set its trap is not heard, and takes the whole stopTimeout of 30 s. */
const STOP_LIMIT_MS = 45_000

export const runTask: Benchmark = async ({ quick }) => {
  await ensureTestImage(testDocker())
  const stowage = await startStowage()
  try {
    const figures = []
    for (const networkMode of ['bridge', 'awsvpc', 'host'] as const) {
      const definition = { ...idleTask(`run-${networkMode}`), networkMode }
      await stowage.ecs.send(new RegisterTaskDefinitionCommand(definition))
      const times: number[] = []
      for (let run = 0; run < (quick ? 5 : RUNS); run++) times.push(await once(stowage.ecs, networkMode))
      figures.push({
        what: `RunTask -> RUNNING, cached image, ${networkMode}`,
        measured: spread(times),
        ...atMost(percentile(times, 0.95), 1_000, 'p95 1.0 s'),
      })
    }
    return figures
  } finally {
    await stowage.dispose()
  }
}

const once = async (ecs: ECSClient, networkMode: NetworkMode): Promise<number> => {
  const network = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } }
  const input = { taskDefinition: `run-${networkMode}`, ...(networkMode === 'awsvpc' ? network : {}) }
  const began = performance.now()
  const { tasks: [task] = [] } = await ecs.send(new RunTaskCommand(input))
  const arn = task?.taskArn
  if (!arn) throw new Error('the task was not placed')
  const reach = (status: string) =>
    waitFor(
      `the task is ${status}`,
      async () => {
        const { tasks } = await ecs.send(new DescribeTasksCommand({ tasks: [arn] }))
        return tasks?.[0]?.lastStatus === status || undefined
      },
      STOP_LIMIT_MS,
    )
  await reach('RUNNING')
  const took = performance.now() - began
  await ecs.send(new StopTaskCommand({ task: arn }))
  await reach('STOPPED')
  return took
}

if (import.meta.main) await runAlone(runTask)
