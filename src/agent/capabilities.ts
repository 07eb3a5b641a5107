// What this host offers, as RegisterContainerInstance wants it: total resources, and attributes that name what the agent can
// do. An attribute stands here only when the agent and its runtime do what it says: task definitions ask for them.
// Before: registration.ts. After: the server's scheduler.
import type { Attribute, Resource } from '@aws-sdk/client-ecs'
import { FARGATE_CAPACITY_ATTRIBUTE, HOST_ADDRESS_ATTRIBUTE } from '../domain/container-instance.ts'
import type { AgentSettings } from './settings.ts'

/** The ECS agent's: ssh, Docker, the agent's own endpoints. */
export const RESERVED_PORTS = [22, 2375, 2376, 51678, 51679]

type Host = {
  readonly cpu: number
  readonly memory: number
  readonly architecture: string
  readonly volumeDrivers: readonly string[]
}

export const totalResources = (host: Host, settings: AgentSettings): Resource[] => [
  integer('CPU', host.cpu),
  integer('MEMORY', Math.max(0, host.memory - settings.reservedMemoryMiB)),
  ports('PORTS', [...RESERVED_PORTS, ...settings.reservedPorts]),
  ports('PORTS_UDP', settings.reservedPortsUdp),
]

const integer = (name: string, integerValue: number): Resource => ({ name, type: 'INTEGER', integerValue })

const ports = (name: string, taken: readonly number[]): Resource => ({
  name,
  type: 'STRINGSET',
  stringSetValue: [...new Set(taken)].map(String),
})

/** Docker API versions that stand for what a task definition may use; all of it is in every engine since 17.09 (1.32). */
const REMOTE_API = [17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 32]

const CAPABILITIES = [
  'com.amazonaws.ecs.capability.privileged-container',
  ...REMOTE_API.map(minor => `com.amazonaws.ecs.capability.docker-remote-api.1.${minor}`),
  'ecs.capability.container-ordering',
  'ecs.capability.container-restart-policy',
  'ecs.capability.full-sync',
  'ecs.capability.task-eni',
  'ecs.capability.pid-ipc-namespace-sharing',
  'ecs.capability.container-health-check',
  'ecs.capability.network.container-port-range',
  // A task's size bounds its containers (container-spec.ts).
  'ecs.capability.task-cpu-mem-limit',
]

/** `address`: where others reach the ports of this host. */
export const attributes = (host: Host, settings: AgentSettings, address: string): Attribute[] => {
  const named = (name: string): Attribute => ({ name })
  return [
    ...settings.attributes.map(({ name, value }) => (value === undefined ? { name } : { name, value })),
    ...CAPABILITIES.map(named),
    ...host.volumeDrivers.map(driver => named(`ecs.capability.docker-plugin.${driver.replace(':', '.')}`)),
    ...settings.loggingDrivers.map(driver => named(`com.amazonaws.ecs.capability.logging-driver.${driver}`)),
    { name: 'ecs.availability-zone', value: settings.availabilityZone },
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'ecs.os-family', value: 'LINUX' },
    { name: 'ecs.cpu-architecture', value: host.architecture },
    { name: HOST_ADDRESS_ATTRIBUTE, value: address },
    ...(settings.fargateCapacity ? [{ name: FARGATE_CAPACITY_ATTRIBUTE, value: 'true' }] : []),
  ]
}
