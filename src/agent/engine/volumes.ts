// The volumes of a task: what each is on the engine, what the agent makes before the first container is created, and what goes
// with the task. A volume of a task has a name that no other has; one with scope `shared` has its own, and stays.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DockerVolumeConfiguration.html
// Before: record.ts, container-spec.ts. After: perform.ts asks the driver.
import type { PayloadTask } from '../../agent-link/acs.ts'
import { type Driver, DriverError } from '../../runtime/driver.ts'
import { engineName } from './engine-name.ts'
import { taskLabels } from './labels.ts'

type Volume = PayloadTask['volumes'][number]

const isShared = ({ dockerVolumeConfiguration: docker }: Volume): boolean => docker?.scope === 'shared'

const isOwn = (volume: Volume): boolean => !volume.host.sourcePath && !isShared(volume)

const nameOf = (task: PayloadTask, volume: Volume): string =>
  isShared(volume) ? volume.name : engineName(task, `volume-${volume.name}`)

/** What is mounted for it: a path of the host, or a volume's name. */
export const mountSource = (task: PayloadTask, name: string): string => {
  const volume = task.volumes.find(candidate => candidate.name === name)
  return volume?.host.sourcePath || nameOf(task, volume ?? { name, type: 'host', host: {} })
}

/** Names of those that live as long as the task. */
export const ownVolumes = (task: PayloadTask): readonly string[] =>
  task.volumes.filter(isOwn).map(volume => nameOf(task, volume))

/** Something is to be made, or to be found there, before a container can be created. */
export const needsVolumes = (task: PayloadTask): boolean => task.volumes.some(volume => !volume.host.sourcePath)

/** Done again after a crash it changes nothing. A shared volume that is there is taken as it is. */
export const makeVolumes = async (driver: Driver, agentId: string, task: PayloadTask): Promise<void> => {
  for (const volume of task.volumes) {
    if (volume.host.sourcePath) continue
    const { autoprovision = false, driver: plugin, driverOpts, labels } = volume.dockerVolumeConfiguration ?? {}
    const name = nameOf(task, volume)
    if (isShared(volume)) {
      if (await driver.hasVolume(name)) continue
      if (!autoprovision) throw new DriverError('CannotCreateVolumeError', `no such volume: ${name}`)
    }
    // By the agent's labels it finds what it is to remove: a shared volume has none of them.
    const ownLabels = isShared(volume) ? {} : taskLabels(agentId, task)
    const how = { ...(plugin ? { driver: plugin } : {}), ...(driverOpts ? { driverOpts } : {}) }
    await driver.createVolume(name, { ...labels, ...ownLabels }, how)
  }
}
