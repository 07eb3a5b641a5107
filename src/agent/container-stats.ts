// What running containers use, as telemetry wants it: a round takes one sample of each and compares it with the last round's.
// Containers that share a sandbox's network share its traffic too: each is told an equal part, so that they add up to the task's, as the
// ECS agent does. Before: telemetry.ts, every 20 s. After: the driver.
import type { ContainerMetric, StatsSet } from '../agent-link/tcs.ts'
import type { ContainerSample, Driver } from '../runtime/driver.ts'
import type { KnownTask } from './engine/record.ts'
import { isSandbox } from './engine/sandbox.ts'

const MIB = 1024 * 1024
/** Stats cost the container engine a reading of several files each: few at a time, so launches don't wait for them. */
const SAMPLES_AT_A_TIME = 2

export type TaskMetric = {
  readonly taskArn: string
  readonly taskDefinitionFamily: string
  readonly taskDefinitionVersion: string
  readonly containerMetrics: readonly ContainerMetric[]
}

export type ContainerStats = { readonly round: (tasks: Iterable<KnownTask>) => Promise<readonly TaskMetric[]> }

type Subject = { readonly task: KnownTask; readonly name: string; readonly id: string }
type Network = NonNullable<ContainerSample['network']>

export const containerStats = (driver: Driver, cores: number): ContainerStats => {
  let last = new Map<string, ContainerSample>()
  const round = async (tasks: Iterable<KnownTask>): Promise<readonly TaskMetric[]> => {
    const subjects = [...tasks].flatMap(runningIn)
    const samples = await sampleAll(driver, subjects)
    const before = last
    last = samples
    const byTask = new Map<KnownTask, ContainerMetric[]>()
    for (const { task, name, id } of subjects) {
      if (isSandbox({ name })) continue
      const [earlier, now] = [before.get(id), samples.get(id)]
      if (!earlier || !now || now.at <= earlier.at) continue
      const metrics = byTask.get(task) ?? []
      byTask.set(task, metrics)
      metrics.push(metricOf(name, earlier, { ...now, ...sharedNetwork(task, samples) }, cores))
    }
    return [...byTask].map(([{ payload }, containerMetrics]) => ({
      taskArn: payload.arn,
      taskDefinitionFamily: payload.family,
      taskDefinitionVersion: payload.version,
      containerMetrics,
    }))
  }
  return { round }
}

const runningIn = (task: KnownTask): readonly Subject[] =>
  task.record.containers.flatMap(({ phase, id, name }) =>
    phase === 'running' && id !== undefined ? [{ task, name, id }] : [],
  )

const sharedNetwork = (
  { record }: KnownTask,
  samples: ReadonlyMap<string, ContainerSample>,
): { readonly network?: Network } => {
  const sandbox = record.containers.find(isSandbox)
  const network = samples.get(sandbox?.id ?? '')?.network
  if (!network) return {}
  const sharers = record.containers.filter(each => each.phase === 'running' && !isSandbox(each)).length
  const part = (bytes: number): number => Math.floor(bytes / sharers)
  return {
    network: {
      rxBytes: part(network.rxBytes),
      rxPackets: part(network.rxPackets),
      rxErrors: part(network.rxErrors),
      rxDropped: part(network.rxDropped),
      txBytes: part(network.txBytes),
      txPackets: part(network.txPackets),
      txErrors: part(network.txErrors),
      txDropped: part(network.txDropped),
    },
  }
}

const sampleAll = async (driver: Driver, subjects: readonly Subject[]): Promise<Map<string, ContainerSample>> => {
  const samples = new Map<string, ContainerSample>()
  const queue = subjects.values()
  const work = async (): Promise<void> => {
    for (const { id } of queue) {
      // One that ended meanwhile has none; an engine that does not answer will be asked in the next round.
      const sample = await driver.sample(id).catch(() => undefined)
      if (sample) samples.set(id, sample)
    }
  }
  await Promise.all(Array.from({ length: SAMPLES_AT_A_TIME }, work))
  return samples
}

const one = (value: number): StatsSet => ({ min: value, max: value, sum: value, sampleCount: 1 })

const metricOf = (name: string, earlier: ContainerSample, now: ContainerSample, cores: number): ContainerMetric => {
  const cpuNanoseconds = Math.max(0, now.cpuNanoseconds - earlier.cpuNanoseconds)
  const wallNanoseconds = (now.at - earlier.at) * 1e6
  const { network } = now
  return {
    containerName: name,
    cpuStatsSet: one((cpuNanoseconds / cores / wallNanoseconds) * 100),
    memoryStatsSet: one(now.memoryBytes / MIB),
    ...(network ? { networkStatsSet: networkSet(network) } : {}),
    storageStatsSet: { readSizeBytes: one(now.storage.readBytes), writeSizeBytes: one(now.storage.writeBytes) },
  }
}

const networkSet = (network: Network) => ({
  rxBytes: one(network.rxBytes),
  rxDropped: one(network.rxDropped),
  rxErrors: one(network.rxErrors),
  rxPackets: one(network.rxPackets),
  txBytes: one(network.txBytes),
  txDropped: one(network.txDropped),
  txErrors: one(network.txErrors),
  txPackets: one(network.txPackets),
})
