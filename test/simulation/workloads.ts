// What the tasks of a simulated world are made of: those that work, and those that do not. The fake container runtime reads from
// an image's name what is to happen. A service stays with one kind of network: an update cannot take its network away.
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'

const container = (name: string, image: string, more: Partial<ContainerDefinition> = {}): ContainerDefinition => ({
  name,
  image,
  cpu: 32,
  memory: 32,
  ...more,
})

const CHECK = { command: ['CMD', 'true'], interval: 5, timeout: 2, retries: 1 }

export type Workload = Omit<RegisterTaskDefinitionRequest, 'family'>

const alone = (image: string, more: Partial<ContainerDefinition> = {}): Workload => ({
  containerDefinitions: [container('app', image, more)],
})

const VOLUME: Workload = {
  ...alone('fake/run', { mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] }),
  volumes: [{ name: 'data' }],
}

const PAIR: Workload = {
  containerDefinitions: [
    container('app', 'fake/run', { dependsOn: [{ containerName: 'side', condition: 'START' }] }),
    container('side', 'fake/slow-start-300', { essential: false }),
  ],
}

/** `app` waits for another one to succeed. */
const initialised = (image: string): Workload => ({
  containerDefinitions: [
    container('app', 'fake/run', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
    container('init', image, { essential: false }),
  ],
})

/** Has an address of its own, and is fit for Fargate: the smallest size it has. */
const addressed = (workload: Workload): Workload => ({
  ...workload,
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  requiresCompatibilities: ['EC2', 'FARGATE'],
})

/** Has a port that load balancers send requests to. */
const withPort = (image: string, more: Partial<ContainerDefinition> = {}): Workload =>
  alone(image, { portMappings: [{ containerPort: 80 }], ...more })

/** `balanced`: bridge, with a port. */
export type Network = 'bridge' | 'awsvpc' | 'balanced'

/** A service with these comes up. */
export const GOOD: Readonly<Record<Network, Readonly<Record<string, Workload>>>> = {
  bridge: {
    plain: alone('fake/run'),
    slow: alone('fake/slow-start-2000'),
    checked: alone('fake/run', { healthCheck: CHECK }),
    volume: VOLUME,
    pair: PAIR,
    initialised: initialised('fake/exit-0'),
  },
  awsvpc: {
    'own-plain': addressed(alone('fake/run')),
    'own-slow': addressed(alone('fake/slow-start-2000')),
    'own-volume': addressed(VOLUME),
    'own-pair': addressed(PAIR),
  },
  balanced: {
    'web-plain': withPort('fake/run'),
    'web-slow': withPort('fake/slow-start-2000'),
    'web-checked': withPort('fake/run', { healthCheck: CHECK }),
  },
}

/** With these it does not, or not everywhere. */
const BAD: typeof GOOD = {
  bridge: {
    'no-pull': alone('fake/no-pull'),
    crash: alone('fake/exit-1'),
    done: alone('fake/exit-0'),
    sick: alone('fake/unhealthy', { healthCheck: CHECK }),
    'never-ready': initialised('fake/exit-3'),
    // One a host.
    port: alone('fake/run', { portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
    // A host has room for two.
    large: alone('fake/run', { cpu: 3_000, memory: 2_048 }),
  },
  awsvpc: {
    'own-no-pull': addressed(alone('fake/no-pull')),
    'own-crash': addressed(alone('fake/exit-1')),
    'own-sick': addressed(alone('fake/unhealthy', { healthCheck: CHECK })),
    'own-never-ready': addressed(initialised('fake/exit-3')),
  },
  balanced: {
    'web-no-pull': withPort('fake/no-pull'),
    'web-crash': withPort('fake/exit-1'),
    'web-sick': withPort('fake/unhealthy', { healthCheck: CHECK }),
  },
}

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  ...GOOD.bridge,
  ...BAD.bridge,
  ...GOOD.awsvpc,
  ...BAD.awsvpc,
  ...GOOD.balanced,
  ...BAD.balanced,
}

export const ALL_NAMES = Object.keys(WORKLOADS)

export const namesOf = (network: Network): readonly string[] => [
  ...Object.keys(GOOD[network]),
  ...Object.keys(BAD[network]),
]
export const goodNamesOf = (network: Network): readonly string[] => Object.keys(GOOD[network])

export const networkOfWorkload = (name: string): Exclude<Network, 'balanced'> =>
  WORKLOADS[name]?.networkMode === 'awsvpc' ? 'awsvpc' : 'bridge'
