// The text of a frame that came over the TCS link, as a message, or undefined when it is none. The agent signs every frame:
// header lines, an empty line, the JSON. The signature is not checked again, as the link's own was.
// Before: telemetry.ts. Shapes: agent-link/tcs.ts.
import type { ContainerMetric, StatsSet, TelemetryMessage } from '../agent-link/tcs.ts'
import { envelopeOf, type JsonObject, numberOf, objectOf, objectsOf, stringOf } from './json.ts'

const HEADER_END = '\r\n\r\n'

export const readTelemetryMessage = (text: string): TelemetryMessage | undefined => {
  const frame = envelopeOf(bodyOf(text))
  if (!frame) return undefined
  const { type, message } = frame
  const timestamp = numberOf(message['timestamp']) ?? 0
  switch (type) {
    case 'PublishMetricsRequest': {
      const taskMetrics = objectsOf(message['taskMetrics']).flatMap(taskMetric)
      const idle = objectOf(message['metadata'])?.['idle'] === true
      return { type, message: { metadata: { ...metadataOf(message), idle }, taskMetrics, timestamp } }
    }
    case 'PublishHealthRequest': {
      const tasks = objectsOf(message['tasks']).flatMap(taskHealth)
      return { type, message: { metadata: metadataOf(message), tasks, timestamp } }
    }
    case 'PublishInstanceStatusRequest': {
      const { cluster, containerInstance } = metadataOf(message)
      const requestId = stringOf(objectOf(message['metadata'])?.['requestId']) ?? ''
      const statuses = objectsOf(message['statuses']).flatMap(instanceStatus)
      return { type, message: { metadata: { cluster, containerInstance, requestId }, statuses, timestamp } }
    }
    default:
      return undefined
  }
}

const bodyOf = (text: string): string => {
  if (text.startsWith('{')) return text
  const end = text.indexOf(HEADER_END)
  return end < 0 ? '' : text.slice(end + HEADER_END.length)
}

const metadataOf = (message: JsonObject) => {
  const metadata = objectOf(message['metadata'])
  return {
    cluster: stringOf(metadata?.['cluster']) ?? '',
    containerInstance: stringOf(metadata?.['containerInstance']) ?? '',
    messageId: stringOf(metadata?.['messageId']) ?? '',
    fin: metadata?.['fin'] === true,
  }
}

const taskOf = (entry: JsonObject) => ({
  taskArn: stringOf(entry['taskArn']) ?? '',
  taskDefinitionFamily: stringOf(entry['taskDefinitionFamily']) ?? '',
  taskDefinitionVersion: stringOf(entry['taskDefinitionVersion']) ?? '',
})

const taskHealth = (entry: JsonObject) => {
  const containers = objectsOf(entry['containers']).flatMap(container => {
    const containerName = stringOf(container['containerName'])
    const healthStatus = healthWord(container['healthStatus'])
    if (containerName === undefined || healthStatus === undefined) return []
    return [{ containerName, healthStatus, statusSince: numberOf(container['statusSince']) ?? 0 }]
  })
  return [{ ...taskOf(entry), containers }]
}

const healthWord = (value: unknown): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' | undefined =>
  value === 'HEALTHY' || value === 'UNHEALTHY' || value === 'UNKNOWN' ? value : undefined

const taskMetric = (entry: JsonObject) => [
  { ...taskOf(entry), containerMetrics: objectsOf(entry['containerMetrics']).flatMap(containerMetric) },
]

// A container without its name, or without both of the figures that every container has, is left out.
const containerMetric = (entry: JsonObject): ContainerMetric[] => {
  const containerName = stringOf(entry['containerName'])
  const cpuStatsSet = statsSet(entry['cpuStatsSet'])
  const memoryStatsSet = statsSet(entry['memoryStatsSet'])
  if (containerName === undefined || !cpuStatsSet || !memoryStatsSet) return []
  const network = objectOf(entry['networkStatsSet'])
  const storage = objectOf(entry['storageStatsSet'])
  return [
    {
      containerName,
      cpuStatsSet,
      memoryStatsSet,
      ...(network ? { networkStatsSet: networkStats(network) } : {}),
      storageStatsSet: {
        readSizeBytes: statsSet(storage?.['readSizeBytes']) ?? NO_STATS,
        writeSizeBytes: statsSet(storage?.['writeSizeBytes']) ?? NO_STATS,
      },
    },
  ]
}

const NO_STATS: StatsSet = { min: 0, max: 0, sum: 0, sampleCount: 0 }

const networkStats = (network: JsonObject): NonNullable<ContainerMetric['networkStatsSet']> => {
  const counter = (name: string): StatsSet => statsSet(network[name]) ?? NO_STATS
  return {
    rxBytes: counter('rxBytes'),
    rxDropped: counter('rxDropped'),
    rxErrors: counter('rxErrors'),
    rxPackets: counter('rxPackets'),
    txBytes: counter('txBytes'),
    txDropped: counter('txDropped'),
    txErrors: counter('txErrors'),
    txPackets: counter('txPackets'),
  }
}

const statsSet = (value: unknown): StatsSet | undefined => {
  const entry = objectOf(value)
  const min = numberOf(entry?.['min'])
  const max = numberOf(entry?.['max'])
  const sum = numberOf(entry?.['sum'])
  const sampleCount = numberOf(entry?.['sampleCount'])
  if (min === undefined || max === undefined || sum === undefined || sampleCount === undefined) return undefined
  return { min, max, sum, sampleCount }
}

const STATUS_WORDS = ['OK', 'IMPAIRED', 'INSUFFICIENT_DATA', 'INITIALIZING'] as const

const instanceStatus = (entry: JsonObject) => {
  const status = STATUS_WORDS.find(word => word === entry['status'])
  if (status === undefined || entry['type'] !== 'ContainerRuntime') return []
  const statusReason = stringOf(entry['statusReason'])
  return [
    {
      type: 'ContainerRuntime' as const,
      status,
      ...(statusReason === undefined ? {} : { statusReason }),
      lastUpdated: numberOf(entry['lastUpdated']) ?? 0,
      lastStatusChange: numberOf(entry['lastStatusChange']) ?? 0,
    },
  ]
}
