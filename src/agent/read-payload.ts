// A task as it came over the link, made whole: a server may leave out what is empty. Says why when the task asks for what this
// agent cannot do, rather than run it without. Before: session.ts. After: engine/engine.ts.
import type { PayloadContainer, PayloadTask } from '../agent-link/acs.ts'
import { misfitOf } from './payload-shape.ts'

/** Members of a payload that would change how the task runs, and that this agent does not honour. */
const UNSUPPORTED_OF_TASK = ['proxyConfiguration', 'attachments']
/** An interface that comes with its address is a device to be attached. */
const UNSUPPORTED_OF_INTERFACE = ['macAddress', 'ipv6Addresses']
const UNSUPPORTED_OF_CONTAINER = ['environmentFiles', 'secrets', 'firelensConfiguration', 'credentialSpecs']

const VOLUME_TYPES: readonly string[] = ['host', 'docker']

type Loose<T> = { readonly [K in keyof T]?: T[K] | null }

export type ReadTask = { readonly payload: PayloadTask; readonly invalid?: string }

/** Undefined when it has no ARN, so that nothing can be said about it. */
export const readTask = (raw: unknown): ReadTask | undefined => {
  if (typeof raw !== 'object' || raw === null) return undefined
  const task: Loose<PayloadTask> = raw
  if (!task.arn || typeof task.arn !== 'string') return undefined
  const misfit = misfitOf(raw)
  if (misfit !== undefined) return { payload: nothingOf(task.arn), invalid: refusalOf(`${misfit} is of a wrong type`) }
  const containers = task.containers ?? []
  const payload: PayloadTask = {
    ...present(task),
    arn: task.arn,
    taskClusterArn: task.taskClusterArn ?? '',
    family: task.family ?? '',
    version: task.version ?? '',
    desiredStatus: task.desiredStatus === 'STOPPED' ? 'STOPPED' : 'RUNNING',
    overrides: task.overrides ?? '{}',
    launchType: task.launchType ?? 'EC2',
    networkMode: task.networkMode ?? '',
    volumes: (task.volumes ?? []).map(volume => ({ ...volume, type: volume.type ?? 'host', host: volume.host ?? {} })),
    containers: containers.map(readContainer),
  }
  const unsupported = [
    ...given(raw, UNSUPPORTED_OF_TASK),
    ...(payload.associations ?? []).flatMap(({ type }) =>
      type === 'gpu' ? [] : [`associations of type ${String(type)}`],
    ),
    ...(payload.elasticNetworkInterfaces ?? []).flatMap(one => given(one, UNSUPPORTED_OF_INTERFACE)),
    ...containers.flatMap(container => given(container, UNSUPPORTED_OF_CONTAINER)),
    ...payload.volumes.flatMap(({ type }) => (VOLUME_TYPES.includes(type) ? [] : [`volumes of type ${String(type)}`])),
  ]
  if (unsupported.length === 0) return { payload }
  return { payload, invalid: refusalOf(`not supported: ${unsupported.join(', ')}`) }
}

const refusalOf = (why: string): string => `UnrecogniedTaskError: Error loading task - ${why}`

/** Enough of a task to say of it that it cannot be run. */
const nothingOf = (arn: string): PayloadTask => ({
  arn,
  taskClusterArn: '',
  family: '',
  version: '',
  desiredStatus: 'RUNNING',
  overrides: '{}',
  launchType: 'EC2',
  networkMode: '',
  volumes: [],
  containers: [],
})

const readContainer = (container: Loose<PayloadContainer>): PayloadContainer => ({
  ...present(container),
  name: container.name ?? '',
  image: container.image ?? '',
  containerArn: container.containerArn ?? '',
  environment: container.environment ?? {},
  cpu: container.cpu ?? 0,
  essential: container.essential ?? false,
  overrides: container.overrides || '{}',
  portMappings: (container.portMappings ?? []).map(mapping => ({
    ...mapping,
    hostPort: mapping.hostPort ?? 0,
    protocol: mapping.protocol ?? 'tcp',
  })),
  mountPoints: container.mountPoints ?? [],
  volumesFrom: container.volumesFrom ?? [],
  dockerConfig: {
    version: container.dockerConfig?.version ?? '',
    config: container.dockerConfig?.config || '{}',
    hostConfig: container.dockerConfig?.hostConfig || '{}',
  },
})

// Nulls and absent members are the same to the protocol.
const present = <T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } => {
  const entries = Object.entries(value).filter(([, member]) => member !== null && member !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> }
}

const given = (value: object, names: readonly string[]): readonly string[] =>
  Object.entries(value).flatMap(([name, member]) =>
    names.includes(name) && member !== null && !(Array.isArray(member) && member.length === 0) ? [name] : [],
  )
