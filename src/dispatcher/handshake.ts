// Whether an agent may open a link, and how it is told no. A refusal is an HTTP answer to the upgrade: an agent backs off from
// that, whereas a link that is accepted and then closed it opens again at once.
// Before: the gateway, which verified the signature. After: start.ts.
import type { Duplex } from 'node:stream'
import type { VersionInfo } from '@aws-sdk/client-ecs'
import { clusterNameOf, lastSegment } from '../domain/arn.ts'
import type { ContainerInstance } from '../domain/container-instance.ts'
import type { Reader } from '../store/store.ts'
import { containerInstances } from '../store/tables.ts'

/** `InactiveInstanceException` keeps an ECS agent away for an hour, any other for its usual back-off. */
export type Refusal = {
  readonly type: 'InvalidInstanceException' | 'InvalidClusterException' | 'InactiveInstanceException'
  readonly message: string
}

export type Handshake = {
  readonly instanceArn: string
  /** The cluster as the agent is configured: a name, an ARN, or nothing. */
  readonly cluster: string
  readonly versionInfo: VersionInfo
}

/** Longer version texts than any real one are cut: they become part of the instance's row. */
const VERSION_CHARACTERS = 128

/** ACS and TCS name the same things differently. */
export const handshakeOf = (url: string): Handshake => {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  const version = <Name extends keyof VersionInfo>(name: Name) => {
    const text = query.get(name)?.slice(0, VERSION_CHARACTERS)
    return text ? { [name]: text } : {}
  }
  return {
    instanceArn: query.get('containerInstanceArn') ?? query.get('containerInstance') ?? '',
    cluster: query.get('clusterArn') ?? query.get('cluster') ?? '',
    versionInfo: { ...version('agentVersion'), ...version('agentHash'), ...version('dockerVersion') },
  }
}

export const admit = (reader: Reader, { instanceArn, cluster }: Handshake): ContainerInstance | Refusal => {
  const instance = reader.get(containerInstances, instanceArn)
  if (!instance) return { type: 'InvalidInstanceException', message: 'Container instance not found.' }
  if (instance.status === 'INACTIVE')
    return { type: 'InactiveInstanceException', message: 'The container instance is inactive.' }
  if (cluster !== '' && lastSegment(cluster) !== clusterNameOf(instance.clusterArn))
    return { type: 'InvalidClusterException', message: 'The container instance is not in this cluster.' }
  return instance
}

/** Ends the handshake with the body that an ECS agent reads: `{"<exception>": "<text>"}`. */
export const refuse = (socket: Duplex, { type, message }: Refusal): void => {
  const body = JSON.stringify({ [type]: message })
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
