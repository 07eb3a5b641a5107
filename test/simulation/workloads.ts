// What the tasks of a simulated world are made of: those that work, and those that do not. The fake container runtime reads from
// an image's name what is to happen.
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'

const container = (name: string, image: string, more: Partial<ContainerDefinition> = {}): ContainerDefinition => ({
  name,
  image,
  cpu: 32,
  memory: 32,
  ...more,
})

const CHECK = { command: ['CMD', 'true'], interval: 5, timeout: 2, retries: 1 }

const alone = (image: string, more: Partial<ContainerDefinition> = {}) => ({
  containerDefinitions: [container('app', image, more)],
})

type Workload = Omit<RegisterTaskDefinitionRequest, 'family'>

/** A service with these comes up. */
export const GOOD: Readonly<Record<string, Workload>> = {
  plain: alone('fake/run'),
  slow: alone('fake/slow-start-2000'),
  checked: alone('fake/run', { healthCheck: CHECK }),
  volume: {
    ...alone('fake/run', { mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] }),
    volumes: [{ name: 'data' }],
  },
  pair: {
    containerDefinitions: [
      container('app', 'fake/run', { dependsOn: [{ containerName: 'side', condition: 'START' }] }),
      container('side', 'fake/slow-start-300', { essential: false }),
    ],
  },
  initialised: {
    containerDefinitions: [
      container('app', 'fake/run', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
      container('init', 'fake/exit-0', { essential: false }),
    ],
  },
}

/** With these it does not, or not everywhere. */
const BAD: Readonly<Record<string, Workload>> = {
  'no-pull': alone('fake/no-pull'),
  crash: alone('fake/exit-1'),
  done: alone('fake/exit-0'),
  sick: alone('fake/unhealthy', { healthCheck: CHECK }),
  'never-ready': {
    containerDefinitions: [
      container('app', 'fake/run', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
      container('init', 'fake/exit-3', { essential: false }),
    ],
  },
  // One a host.
  port: alone('fake/run', { portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
  // A host has room for two.
  large: alone('fake/run', { cpu: 1_500, memory: 1_024 }),
}

export const WORKLOADS: Readonly<Record<string, Workload>> = { ...GOOD, ...BAD }
