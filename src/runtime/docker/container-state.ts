// Reads the engine's answers about a container into ours: its state, its ports, what it uses. Pure. Before:
// docker-driver.ts, after an inspection or a sample.
import type { ContainerInspectInfo } from 'dockerode'
import type { ContainerHealth, ContainerState, PortBinding } from '../driver.ts'

export const containerState = (info: ContainerInspectInfo): ContainerState => {
  const { State } = info
  const status = statusOf(State.Status)
  const startedAt = timeOf(State.StartedAt)
  const finishedAt = timeOf(State.FinishedAt)
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    labels: info.Config.Labels ?? {},
    status,
    ...(status === 'stopped' && { exitCode: State.ExitCode }),
    oomKilled: State.OOMKilled,
    ...(State.Error && { error: State.Error }),
    ...(startedAt !== undefined && { startedAt }),
    // A container that runs again keeps the time at which it ended before.
    ...(status === 'stopped' && finishedAt !== undefined && { finishedAt }),
    health: healthOf(State.Health?.Status),
    ports: portsOf(info.NetworkSettings.Ports),
    ...addressOf(info.NetworkSettings),
  }
}

/** A container that has an address is on one network; the engine writes none as an empty text. */
const addressOf = ({ Networks }: ContainerInspectInfo['NetworkSettings']): Partial<ContainerState> => {
  const { IPAddress = '', MacAddress = '' } = Object.values(Networks ?? {})[0] ?? {}
  return IPAddress && MacAddress ? { address: { ipv4: IPAddress, mac: MacAddress } } : {}
}

/** created, running, paused, restarting, removing, exited, dead: a paused process still holds what it was given. */
const statusOf = (status: string): ContainerState['status'] => {
  if (status === 'created') return 'created'
  return status === 'running' || status === 'paused' || status === 'restarting' ? 'running' : 'stopped'
}

/** `starting` and `none` are UNKNOWN. */
export const healthOf = (status: string | undefined): ContainerHealth => {
  if (status === 'healthy') return 'HEALTHY'
  return status === 'unhealthy' ? 'UNHEALTHY' : 'UNKNOWN'
}

/** The engine writes "never" as the year 1. */
const timeOf = (text: string): number | undefined => {
  const at = Date.parse(text)
  return Number.isNaN(at) || at <= 0 ? undefined : at
}

/**
 * The engine publishes each port on 0.0.0.0 and on [::], dynamic ones under numbers of their own. As the ECS agent does, only
 * the former is told; the latter where a port has no other.
 */
export const portsOf = (ports: ContainerInspectInfo['NetworkSettings']['Ports'] | undefined): readonly PortBinding[] =>
  Object.entries(ports ?? {}).flatMap(([key, hosts]) => {
    const [port, protocol] = key.split('/')
    const all = hosts ?? []
    const told = all.some(host => host.HostIp !== '::') ? all.filter(host => host.HostIp !== '::') : all
    return told.map(host => ({
      bindIP: host.HostIp,
      containerPort: Number(port),
      hostPort: Number(host.HostPort),
      protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
    }))
  })
