import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerSpec } from '../driver.ts'
import { createOptions, hasDynamicPort } from './create-options.ts'

const spec = (change: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: 'a',
  image: 'image:1',
  environment: {},
  labels: { mine: '1' },
  cpuShares: 0,
  networkMode: 'bridge',
  portMappings: [],
  mounts: [],
  engineConfig: {},
  engineHostConfig: {},
  ...change,
})

test('the spec in the words of the engine', () => {
  const body = createOptions(
    spec({
      command: ['run'],
      entryPoint: ['/entry'],
      environment: { A: '1', B: 'x=y' },
      memoryBytes: 1024,
      portMappings: [
        { containerPort: 80, hostPort: 0, protocol: 'tcp' },
        { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
        { containerPort: 53, hostPort: 5353, protocol: 'udp' },
      ],
      mounts: [
        { source: '/host', containerPath: '/in', readOnly: true },
        { source: 'volume', containerPath: '/data', readOnly: false },
      ],
    }),
  )
  assert.deepEqual(body, {
    Env: ['A=1', 'B=x=y'],
    Cmd: ['run'],
    Entrypoint: ['/entry'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Image: 'image:1',
    Healthcheck: { Test: ['NONE'] },
    Labels: { mine: '1' },
    HostConfig: {
      NetworkMode: 'bridge',
      CpuShares: 2,
      Memory: 1024,
      PortBindings: { '80/tcp': [{ HostPort: '' }, { HostPort: '8080' }], '53/udp': [{ HostPort: '5353' }] },
      Binds: ['/host:/in:ro', 'volume:/data'],
    },
  })
})

test('no ports are published where there is no network of its own', () => {
  for (const networkMode of ['host', 'none', 'container:abc']) {
    const portMappings = [{ containerPort: 80, hostPort: 0, protocol: 'tcp' as const }]
    const body = createOptions(spec({ networkMode, portMappings }))
    assert(!('ExposedPorts' in body) && !('PortBindings' in body.HostConfig))
    assert.equal(hasDynamicPort({ networkMode, portMappings }), false)
  }
})

test('engine configuration lies over the rest; image and our labels do not give way', () => {
  const body = createOptions(
    spec({
      engineConfig: {
        HealthCheck: { Test: ['CMD', 'a'] },
        Labels: { mine: '2', theirs: 3 },
        Image: 'other',
        User: '1',
      },
      engineHostConfig: { CpuShares: 512 },
    }),
  )
  assert.deepEqual(body['Healthcheck'], { Test: ['CMD', 'a'] })
  assert(!('HealthCheck' in body))
  assert.deepEqual(body.Labels, { mine: '1', theirs: '3' })
  assert.equal(body.Image, 'image:1')
  assert.equal(body['User'], '1')
  assert.equal(body.HostConfig['CpuShares'], 512)
})
