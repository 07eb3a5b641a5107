// An essential container is killed -> its replacement is RUNNING as a caller sees it, in a service with a healthy history.
import { measureReplacements } from '../test/e2e/measure-replacements.ts'
import { percentile } from '../test/e2e/percentile.ts'
import { startStowage } from '../test/e2e/stowage.ts'
import { ensureTestImage, testDocker } from '../test/e2e/test-image.ts'
import { atMost, type Benchmark, runAlone, spread } from './figure.ts'

export const replacement: Benchmark = async ({ quick }) => {
  await ensureTestImage(testDocker())
  const stowage = await startStowage()
  try {
    const times = await measureReplacements(stowage.ecs, quick ? 4 : 20)
    const hold = atMost(percentile(times, 0.95), 1_000, 'p95 1 s')
    return [{ what: 'container killed -> replacement RUNNING, bridge', measured: spread(times), ...hold }]
  } finally {
    await stowage.dispose()
  }
}

if (import.meta.main) await runAlone(replacement)
