import assert from 'node:assert/strict'
import { test } from 'node:test'
import { portsOf } from './container-state.ts'

test('of the engine’s two bindings of a port only the one for IPv4 is told, whatever their numbers', () => {
  const ports = {
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '32887' },
      { HostIp: '::', HostPort: '32886' },
    ],
    '53/udp': [
      { HostIp: '0.0.0.0', HostPort: '5353' },
      { HostIp: '::', HostPort: '5353' },
    ],
  }
  assert.deepEqual(portsOf(ports), [
    { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32887, protocol: 'tcp' },
    { bindIP: '0.0.0.0', containerPort: 53, hostPort: 5353, protocol: 'udp' },
  ])
})

test('a port that is published for IPv6 alone is told; one that is not published is not', () => {
  const ports = { '80/tcp': [{ HostIp: '::', HostPort: '80' }], '81/tcp': [] }
  assert.deepEqual(portsOf(ports), [{ bindIP: '::', containerPort: 80, hostPort: 80, protocol: 'tcp' }])
  assert.deepEqual(portsOf(undefined), [])
})
