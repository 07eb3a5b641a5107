import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerSample } from './container-sample.ts'

const interfaceOf = (n: number) => ({
  ...{ rx_bytes: n, rx_packets: n, rx_errors: 0, rx_dropped: 0 },
  ...{ tx_bytes: 2 * n, tx_packets: n, tx_errors: 0, tx_dropped: 0 },
})

test('cgroup v1', () => {
  const sample = containerSample(
    {
      cpu_stats: { cpu_usage: { total_usage: 7 } },
      memory_stats: { usage: 1000, stats: { total_inactive_file: 400, inactive_file: 1 } },
      networks: { eth0: interfaceOf(1), eth1: interfaceOf(10) },
      blkio_stats: {
        io_service_bytes_recursive: [
          { op: 'Read', value: 5 },
          { op: 'Write', value: 6 },
          { op: 'Read', value: 50 },
          { op: 'Total', value: 61 },
        ],
      },
    },
    42,
  )
  assert.deepEqual(sample, {
    at: 42,
    cpuNanoseconds: 7,
    memoryBytes: 600,
    network: {
      ...{ rxBytes: 11, rxPackets: 11, rxErrors: 0, rxDropped: 0 },
      ...{ txBytes: 22, txPackets: 11, txErrors: 0, txDropped: 0 },
    },
    storage: { readBytes: 55, writeBytes: 6 },
  })
})

test('cgroup v2, on the host network', () => {
  const sample = containerSample(
    {
      cpu_stats: { cpu_usage: { total_usage: 7 } },
      memory_stats: { usage: 1000, stats: { inactive_file: 100 } },
      networks: null,
      blkio_stats: { io_service_bytes_recursive: [{ op: 'read', value: 5 }] },
    },
    1,
  )
  assert.equal(sample?.memoryBytes, 900)
  assert.equal(sample.network, undefined)
  assert.deepEqual(sample.storage, { readBytes: 5, writeBytes: 0 })
})

test('a container that has ended', () => {
  assert.equal(containerSample({ memory_stats: {}, cpu_stats: { cpu_usage: { total_usage: 0 } } }, 1), undefined)
  assert.equal(containerSample({ blkio_stats: { io_service_bytes_recursive: null } }, 1), undefined)
})
