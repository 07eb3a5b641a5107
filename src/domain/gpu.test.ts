import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freeGpus, gpusOf, withGpus } from './gpu.ts'

test('each container gets GPUs of its own, of those that no other task has', () => {
  const registered = { cpu: 1, memory: 1, ports: [], portsUdp: [], gpus: ['GPU-a', 'GPU-b', 'GPU-c', 'GPU-d'] }
  const free = freeGpus({ registered }, { 'gpu:GPU-b': 1, 'gpu:GPU-c': 0 })
  assert.deepEqual(free, ['GPU-a', 'GPU-c', 'GPU-d'])
  const row = {
    containerArn: '',
    name: '',
    image: '',
    lastStatus: 'PENDING',
    networkBindings: [],
    healthStatus: 'UNKNOWN',
    essential: true,
    hasHealthCheck: false,
    cpu: '0',
  } as const
  const dealt = withGpus({ containers: [{ ...row, gpus: 2 }, row, { ...row, gpus: 1 }] }, free)
  assert.deepEqual(
    dealt.containers.map(container => ('gpuIds' in container ? container.gpuIds : undefined)),
    [['GPU-a', 'GPU-c'], undefined, ['GPU-d']],
  )
  const without = { containers: [row] }
  assert.equal(withGpus(without, free), without)
  assert.deepEqual(freeGpus({ registered: { cpu: 1, memory: 1, ports: [], portsUdp: [] } }, {}), [])
})

test('what a container asks for is a number of GPUs', () => {
  assert.equal(gpusOf({}), 0)
  assert.equal(gpusOf({ resourceRequirements: [{ type: 'GPU', value: '2' }] }), 2)
})
