// Whether a task that came over the link has the types that PayloadTask says: what a server sends is JSON that nobody vouches for,
// and one wrong member must cost one task, not the agent. Absent and null are the same to the protocol, and fit.
// Before: read-payload.ts.
import type { PayloadContainer, PayloadTask } from '../agent-link/acs.ts'

type Shape =
  | 'text'
  | 'number'
  | 'boolean'
  | { readonly listOf: Shape }
  | { readonly mapOf: Shape }
  | { readonly members: Readonly<Record<string, Shape>> }

/** A member that the protocol gets is a compile error here. */
type Members<Structure> = { readonly [Member in keyof Required<Structure>]: Shape }

const TEXTS: Shape = { listOf: 'text' }
const listOf = (members: Readonly<Record<string, Shape>>): Shape => ({ listOf: { members } })

const CONTAINER: Members<PayloadContainer> = {
  name: 'text',
  image: 'text',
  containerArn: 'text',
  command: TEXTS,
  entryPoint: TEXTS,
  links: TEXTS,
  environment: { mapOf: 'text' },
  cpu: 'number',
  memory: 'number',
  essential: 'boolean',
  overrides: 'text',
  portMappings: listOf({ containerPort: 'number', hostPort: 'number', protocol: 'text' }),
  mountPoints: listOf({ sourceVolume: 'text', containerPath: 'text', readOnly: 'boolean' }),
  volumesFrom: listOf({ sourceContainer: 'text', readOnly: 'boolean' }),
  dependsOn: listOf({ containerName: 'text', condition: 'text' }),
  startTimeout: 'number',
  stopTimeout: 'number',
  healthCheckType: 'text',
  restartPolicy: {
    members: { enabled: 'boolean', ignoredExitCodes: { listOf: 'number' }, restartAttemptPeriod: 'number' },
  },
  dockerConfig: { members: { version: 'text', config: 'text', hostConfig: 'text' } },
}

const DOCKER_VOLUME: Shape = {
  members: {
    scope: 'text',
    autoprovision: 'boolean',
    driver: 'text',
    driverOpts: { mapOf: 'text' },
    labels: { mapOf: 'text' },
  },
}

const TASK: Members<PayloadTask> = {
  arn: 'text',
  taskClusterArn: 'text',
  family: 'text',
  version: 'text',
  desiredStatus: 'text',
  overrides: 'text',
  launchType: 'text',
  networkMode: 'text',
  pidMode: 'text',
  ipcMode: 'text',
  cpu: 'number',
  memory: 'number',
  serviceName: 'text',
  group: 'text',
  elasticNetworkInterfaces: listOf({ attachmentArn: 'text', ec2Id: 'text', index: 'number' }),
  volumes: listOf({
    name: 'text',
    type: 'text',
    host: { members: { sourcePath: 'text' } },
    dockerVolumeConfiguration: DOCKER_VOLUME,
  }),
  containers: listOf(CONTAINER),
  associations: listOf({
    name: 'text',
    type: 'text',
    content: { members: { value: 'text', encoding: 'text' } },
    containers: TEXTS,
  }),
}

/** The first member of a wrong type, as a path: `containers[0].name`. Undefined: it fits. */
export const misfitOf = (task: object): string | undefined => misfit(task, { members: TASK })?.replace(/^\./, '')

// The path is made on the way back from what does not fit: every task that fits comes through here.
const misfit = (value: unknown, shape: Shape): string | undefined => {
  if (value === null || value === undefined) return undefined
  if (shape === 'text') return typeof value === 'string' ? undefined : ''
  if (shape === 'number') return Number.isFinite(value) ? undefined : ''
  if (shape === 'boolean') return typeof value === 'boolean' ? undefined : ''
  if ('listOf' in shape) return Array.isArray(value) ? misfitInList(value, shape.listOf) : ''
  if (typeof value !== 'object' || Array.isArray(value)) return ''
  const given = value as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given)) {
    const member = 'mapOf' in shape ? shape.mapOf : Object.hasOwn(shape.members, name) && shape.members[name]
    const path = member ? misfit(given[name], member) : undefined
    if (path !== undefined) return `.${name}${path}`
  }
  return undefined
}

const misfitInList = (list: readonly unknown[], shape: Shape): string | undefined => {
  for (const [at, item] of list.entries()) {
    // An element cannot be absent.
    const path = item === null ? '' : misfit(item, shape)
    if (path !== undefined) return `[${at}]${path}`
  }
  return undefined
}
