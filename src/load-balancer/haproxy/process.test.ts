import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { filesOf, haproxyProcess } from './process.ts'

/** A second passes with every look at it. */
const hurried = (): Clock => {
  let now = 0
  const next = (): number => {
    now += 1_000
    return now
  }
  return { ...systemClock(), now: next, sleep: async () => {} }
}

test('one that runs and does not answer is not taken for none: another would be started beside it', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-haproxy-'))
  const files = filesOf(folder)
  const clock = hurried()
  assert.equal(await haproxyProcess(folder, clock).look(), undefined)

  const silent = spawn('sh', ['-c', 'sleep 1000', '-W', '-f', files.config, '-S', files.master], {
    stdio: 'ignore',
    detached: true,
  })
  t.after(async () => {
    if (silent.pid !== undefined) process.kill(-silent.pid, 'SIGKILL')
    await rm(folder, { recursive: true })
  })
  await once(silent, 'spawn')
  const isSilent = () => assert.rejects(haproxyProcess(folder, clock).look(), /HAProxy runs .* has not answered/)
  await writeFile(files.pid, `${silent.pid}\n`)
  await isSilent()
  // As it is for a moment while HAProxy reloads.
  await writeFile(files.pid, '')
  await isSilent()
})
