import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemIds } from '../../lib/ids.ts'
import { CGROUP_ROOT, groupDirectories } from './task-group-plan.ts'
import { removeTaskGroup } from './task-groups.ts'

test("a task's cgroup goes with what a killed runtime left of its containers in it", async t => {
  const name = systemIds().hex32()
  const [directory = ''] = groupDirectories(name, await readdir(CGROUP_ROOT).catch(() => [])).filter(path =>
    existsSync(join(path, '../..', 'cgroup.procs')),
  )
  const made = await mkdir(join(directory, 'container'), { recursive: true }).then(
    () => directory !== '',
    () => false,
  )
  if (!made) return t.skip('the cgroups here are not ours to make')
  await removeTaskGroup(name)
  assert.equal(existsSync(directory), false)
})
