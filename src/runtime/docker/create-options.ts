// Turns a ContainerSpec into the engine's create-container body. Pure. Before: docker-driver.ts. After: POST
// /containers/create.
import type { ContainerSpec } from '../driver.ts'
import { deviceRequests } from './gpus.ts'

export type CreateBody = {
  readonly Image: string
  readonly Labels: Readonly<Record<string, string>>
  readonly HostConfig: Readonly<Record<string, unknown>>
} & Readonly<Record<string, unknown>>

export const createOptions = (spec: ContainerSpec): CreateBody => {
  const { HealthCheck, Healthcheck, Labels, ...config } = spec.engineConfig
  const published = spec.networkMode === 'bridge' || spec.networkMode === 'default'
  return {
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    ...(spec.command && { Cmd: spec.command }),
    ...(spec.entryPoint && { Entrypoint: spec.entryPoint }),
    // Host networking and a joined network namespace have no ports of their own to publish: the engine refuses them.
    ...(published && { ExposedPorts: exposedPorts(spec) }),
    ...config,
    Image: spec.image,
    // A payload spells it HealthCheck, the engine Healthcheck. ECS ignores an image's own HEALTHCHECK, the engine would not.
    Healthcheck: Healthcheck ?? HealthCheck ?? { Test: ['NONE'] },
    // The spec's own win: by them the agent finds its containers again.
    Labels: { ...textsOf(Labels), ...spec.labels },
    ...(spec.ipv4Address === undefined
      ? {}
      : {
          NetworkingConfig: {
            EndpointsConfig: { [spec.networkMode]: { IPAMConfig: { IPv4Address: spec.ipv4Address } } },
          },
        }),
    HostConfig: {
      NetworkMode: spec.networkMode,
      CpuShares: Math.max(2, spec.cpuShares),
      ...(spec.memoryBytes && { Memory: spec.memoryBytes }),
      ...(published && { PortBindings: portBindings(spec) }),
      Binds: spec.mounts.map(mount => `${mount.source}:${mount.containerPath}${mount.readOnly ? ':ro' : ''}`),
      ...(spec.gpuIds?.length && { DeviceRequests: deviceRequests(spec.gpuIds) }),
      ...spec.engineHostConfig,
    },
  }
}

/** True where a host port is chosen when the container is made, so that only an inspection can tell it. */
export const hasDynamicPort = (spec: Pick<ContainerSpec, 'networkMode' | 'portMappings' | 'portRanges'>): boolean =>
  spec.networkMode === 'bridge' &&
  (spec.portMappings.some(mapping => mapping.hostPort === 0) || (spec.portRanges ?? []).length > 0)

const portKey = (mapping: ContainerSpec['portMappings'][number]): string =>
  `${mapping.containerPort}/${mapping.protocol}`

const exposedPorts = (spec: ContainerSpec): Record<string, object> =>
  Object.fromEntries(spec.portMappings.map(mapping => [portKey(mapping), {}]))

const portBindings = (spec: ContainerSpec): Record<string, { HostPort: string }[]> => {
  const bindings: Record<string, { HostPort: string }[]> = {}
  for (const mapping of spec.portMappings) {
    const of = bindings[portKey(mapping)] ?? []
    of.push({ HostPort: mapping.hostPort === 0 ? '' : String(mapping.hostPort) })
    bindings[portKey(mapping)] = of
  }
  return bindings
}

const textsOf = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : {}
