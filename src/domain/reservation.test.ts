import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reservationOf } from './reservation.ts'

test('sums its containers, memoryReservation before memory', () => {
  const containerDefinitions = [
    { name: 'a', cpu: 100, memory: 512, memoryReservation: 128 },
    { name: 'b', memory: 64 },
    { name: 'c', cpu: 10, memoryReservation: 32 },
  ]
  assert.deepEqual(reservationOf({ containerDefinitions }), { cpu: 110, memory: 224, ports: [], portsUdp: [] })
})

test("the task's own size wins", () => {
  const reservation = reservationOf({
    containerDefinitions: [{ name: 'a', cpu: 100, memory: 64 }],
    cpu: '256',
    memory: '512',
  })
  assert.deepEqual([reservation.cpu, reservation.memory], [256, 512])
})

test('overrides replace the figures that they name', () => {
  const definition = {
    containerDefinitions: [
      { name: 'a', cpu: 100, memory: 64 },
      { name: 'b', cpu: 5, memory: 6 },
    ],
  }
  const byContainer = reservationOf(definition, { containerOverrides: [{ name: 'a', cpu: 200, memory: 128 }] })
  assert.deepEqual([byContainer.cpu, byContainer.memory], [205, 134])
  const byTask = reservationOf(definition, { cpu: '1024', memory: '2048' })
  assert.deepEqual([byTask.cpu, byTask.memory], [1024, 2048])
})

test('counts fixed host ports once, by protocol; dynamic ones not at all', () => {
  const containerDefinitions = [
    {
      name: 'a',
      portMappings: [
        { containerPort: 80, hostPort: 8080 },
        { containerPort: 53, hostPort: 53, protocol: 'udp' as const },
        { containerPort: 90, hostPort: 0 },
      ],
    },
    { name: 'b', portMappings: [{ containerPort: 81, hostPort: 8080, protocol: 'tcp' as const }] },
  ]
  const bridge = reservationOf({ containerDefinitions })
  assert.deepEqual([bridge.ports, bridge.portsUdp], [[8080], [53]])
  const host = reservationOf({ containerDefinitions, networkMode: 'host' })
  assert.deepEqual([host.ports, host.portsUdp], [[80, 81, 90], [53]])
  assert.deepEqual(reservationOf({ containerDefinitions, networkMode: 'none' }).ports, [])
})
