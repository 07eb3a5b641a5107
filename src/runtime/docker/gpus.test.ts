import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOptions } from './create-options.ts'
import { gpusIn, hostGpus } from './gpus.ts'

test('a host without NVIDIA’s runtime has no GPU to give, and neither has one without its tool', async () => {
  assert.deepEqual(await hostGpus(['runc']), [])
  assert.deepEqual(gpusIn('GPU-5a2b-1\nGPU-5a2b-2\n'), ['GPU-5a2b-1', 'GPU-5a2b-2'])
  assert.deepEqual(gpusIn('NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\n'), [])
})

test('a container with GPUs asks the engine for these, one without asks for none', () => {
  const spec = {
    name: 'a',
    image: 'i',
    environment: {},
    labels: {},
    cpuShares: 2,
    networkMode: 'none',
    portMappings: [],
    mounts: [],
    engineConfig: {},
    engineHostConfig: {},
  }
  const requests = [{ Driver: 'nvidia', DeviceIDs: ['GPU-1', 'GPU-2'], Capabilities: [['gpu']] }]
  assert.deepEqual(createOptions({ ...spec, gpuIds: ['GPU-1', 'GPU-2'] }).HostConfig['DeviceRequests'], requests)
  assert.equal('DeviceRequests' in createOptions(spec).HostConfig, false)
})
