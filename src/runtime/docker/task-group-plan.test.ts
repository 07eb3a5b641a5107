import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { groupDirectories, planTaskGroup, sliceRemoval, sliceSettings } from './task-group-plan.ts'

const SIZE = { cpus: 0.25, memoryBytes: 1024 }

describe('the cgroup of a task', () => {
  test('version 1, kept by the engine', () => {
    assert.deepEqual(planTaskGroup({ driver: 'cgroupfs', version: '1' }, 't1', SIZE), {
      parent: '/ecs/t1',
      needs: ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'],
      steps: [
        { directory: '/sys/fs/cgroup/memory/ecs/t1' },
        { file: '/sys/fs/cgroup/memory/ecs/t1/memory.limit_in_bytes', text: '1024' },
        { directory: '/sys/fs/cgroup/cpu/ecs/t1' },
        { file: '/sys/fs/cgroup/cpu/ecs/t1/cpu.cfs_period_us', text: '100000' },
        { file: '/sys/fs/cgroup/cpu/ecs/t1/cpu.cfs_quota_us', text: '25000' },
      ],
    })
  })

  test('version 2, kept by the engine: the controllers are handed down first', () => {
    assert.deepEqual(planTaskGroup({ driver: 'cgroupfs', version: '2' }, 't1', SIZE), {
      parent: '/ecs/t1',
      needs: ['/sys/fs/cgroup/cgroup.controllers'],
      steps: [
        { file: '/sys/fs/cgroup/cgroup.subtree_control', text: '+cpu +memory' },
        { directory: '/sys/fs/cgroup/ecs' },
        { file: '/sys/fs/cgroup/ecs/cgroup.subtree_control', text: '+cpu +memory' },
        { directory: '/sys/fs/cgroup/ecs/t1' },
        { file: '/sys/fs/cgroup/ecs/t1/memory.max', text: '1024' },
        { file: '/sys/fs/cgroup/ecs/t1/cpu.max', text: '25000 100000' },
      ],
    })
  })

  test('kept by systemd, of either version: a slice, whose limits systemd is asked for', () => {
    for (const version of ['1', '2'])
      assert.deepEqual(planTaskGroup({ driver: 'systemd', version }, 't1', SIZE), {
        parent: 'ecs-t1.slice',
        needs: ['/run/systemd/system'],
        steps: [
          {
            command: 'systemctl',
            args: ['set-property', '--runtime', 'ecs-t1.slice', 'MemoryMax=1024', 'CPUQuota=25%'],
          },
          { command: 'systemctl', args: ['start', 'ecs-t1.slice'] },
        ],
      })
  })

  test('a size that is not given bounds nothing, also when it is asked for again', () => {
    const texts = (version: string, limits: object) => {
      const plan = planTaskGroup({ driver: 'cgroupfs', version }, 't1', limits)
      return 'steps' in plan ? plan.steps.flatMap(step => ('file' in step ? step.text : [])) : []
    }
    assert.deepEqual(texts('1', {}), ['100000', '-1'])
    assert.deepEqual(texts('2', {}).slice(2), ['max', 'max 100000'])
    assert.deepEqual(texts('2', { cpus: 2 }).slice(2), ['max', '200000 100000'])
  })

  test('another kind is named', () => {
    assert.deepEqual(planTaskGroup({ driver: 'none', version: '2' }, 't1', SIZE), {
      impossible: 'the engine uses cgroup v2 by none',
    })
  })

  test('everything of it that may be there is removed', () => {
    assert.deepEqual(groupDirectories('t1', ['memory', 'cpu']), [
      '/sys/fs/cgroup/ecs/t1',
      '/sys/fs/cgroup/memory/ecs/t1',
      '/sys/fs/cgroup/cpu/ecs/t1',
    ])
    assert.equal(sliceSettings('t1'), '/run/systemd/system.control/ecs-t1.slice.d')
    assert.deepEqual(
      sliceRemoval('t1').map(({ args }) => args),
      [
        ['stop', 'ecs-t1.slice'],
        ['revert', 'ecs-t1.slice'],
      ],
    )
  })
})
