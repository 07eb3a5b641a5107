// Agents of this process: the one that drives this host's Docker Engine, or simulated ones for trying things out and for
// tests. Before: main.ts. After: agent/.
import { availableParallelism, hostname } from 'node:os'
import { type Agent, startAgent } from '../agent/start.ts'
import { makeDataDirectory } from './make-data-directory.ts'
import { type AgentOptions, type AgentTarget, type Parts, SIMULATED_ATTRIBUTE } from './options.ts'

type Docker = {
  readonly dataDir: string
  /** Offer this host to FARGATE tasks of every cluster. */
  readonly fargateCapacity: boolean
  /** Host ports that no task may have: the server's own, in `stowage up`. */
  readonly reservedPorts: readonly number[]
}

export const startDockerAgent = async (
  target: AgentTarget,
  options: AgentOptions,
  docker: Docker,
  { clock, ids, log }: Parts,
): Promise<Agent> => {
  const { dockerDriver } = await import('../runtime/docker/docker-driver.ts')
  await makeDataDirectory(docker.dataDir)
  return startAgent({
    driver: dockerDriver({ clock, log, ...(options.socketPath ? { socketPath: options.socketPath } : {}) }),
    ...target,
    region: options.region,
    dataDir: docker.dataDir,
    clock,
    ids,
    log: log.child({ agent: hostname() }),
    settings: {
      availabilityZone: options.availabilityZone ?? `${options.region}a`,
      ...(options.address === undefined ? {} : { address: options.address }),
      attributes: options.attributes,
      fargateCapacity: docker.fargateCapacity,
      reservedPorts: docker.reservedPorts,
      reservedMemoryMiB: options.reservedMemory,
      taskCleanupWaitMs: options.taskCleanupWait * 1_000,
      pullPolicy: options.imagePullBehavior,
      // The engine saturates at about two a core; more at once only makes each slower.
      launches: 2 * availableParallelism(),
    },
  })
}

/** What a simulated container instance offers, and the zones that they are dealt to. */
const SIMULATED = { cpu: 8 * 1024, memory: 32 * 1024 }
const ZONES = ['a', 'b', 'c']

export const startSimulatedAgents = async (
  target: AgentTarget,
  options: AgentOptions,
  instances: number,
  { clock, ids, log }: Parts,
): Promise<readonly Agent[]> => {
  const { fakeDriver } = await import('../runtime/fake/fake-driver.ts')
  const start = (index: number): Promise<Agent> =>
    startAgent({
      driver: fakeDriver({ clock, ids, ...SIMULATED }),
      ...target,
      region: options.region,
      clock,
      ids,
      log: log.child({ agent: `simulated-${index}` }),
      settings: {
        availabilityZone: options.availabilityZone ?? `${options.region}${ZONES[index % ZONES.length]}`,
        ...(options.address === undefined ? {} : { address: options.address }),
        attributes: [...options.attributes, { name: SIMULATED_ATTRIBUTE }],
        fargateCapacity: true,
        reservedPorts: [],
        reservedMemoryMiB: 0,
        pullPolicy: options.imagePullBehavior,
        launches: 100,
      },
    })
  return Promise.all(Array.from({ length: instances }, (_, index) => start(index)))
}
