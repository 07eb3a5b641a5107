import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ThresholdConfiguration } from '@aws-sdk/client-ecs'
import { failureThreshold } from './circuit-breaker.ts'

const cases: readonly (readonly [ThresholdConfiguration | undefined, desiredCount: number, threshold: number])[] = [
  [undefined, 0, 3],
  [undefined, 1, 3],
  [undefined, 25, 13],
  [undefined, 400, 200],
  [undefined, 800, 200],
  [{ type: 'BOUNDED_PERCENT', value: 10 }, 100, 10],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 800, 400],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 1, 1],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 0, 1],
  [{ type: 'COUNT', value: 7 }, 1000, 7],
]
for (const [thresholdConfiguration, desiredCount, threshold] of cases)
  test(`${thresholdConfiguration?.type ?? 'default'} ${thresholdConfiguration?.value ?? ''} of ${desiredCount}: ${threshold}`, () => {
    assert.equal(failureThreshold({ enable: true, rollback: false, thresholdConfiguration }, desiredCount), threshold)
  })
