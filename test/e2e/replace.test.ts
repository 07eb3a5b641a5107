// A container that is killed is replaced: the time from the kill to a replacement that is RUNNING, as a caller sees it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { measureReplacements } from './measure-replacements.ts'
import { percentile } from './percentile.ts'
import { type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'

const KILLS = 20
let stowage: Stowage

before(async () => {
  await ensureTestImage(testDocker())
  stowage = await startStowage()
})
after(() => stowage.dispose())

test(`docker kill: a replacement is RUNNING within 1 s (p95 of ${KILLS})`, async t => {
  const times = await measureReplacements(stowage.ecs, KILLS)
  t.diagnostic(`kill to replacement RUNNING, ms: p50 ${percentile(times, 0.5)}, p95 ${percentile(times, 0.95)}`)
  assert(percentile(times, 0.95) <= 1_000, `p95 of ${times.join(', ')} ms`)
})
