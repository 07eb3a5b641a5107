// The deployment circuit breaker's arithmetic: how many failed tasks a deployment may have.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
import type { DeploymentCircuitBreaker, ThresholdConfiguration } from '@aws-sdk/client-ecs'

/** What counts when the service says nothing: half of the desired count, between the bounds. */
export const DEFAULT_THRESHOLD = { type: 'BOUNDED_PERCENT', value: 50 } as const satisfies ThresholdConfiguration

const BOUNDS = { least: 3, most: 200 }

/** At this many failed tasks the deployment fails. `desiredCount`: the service's latest. Never 0: no failure is no failure. */
export const failureThreshold = (breaker: DeploymentCircuitBreaker | undefined, desiredCount: number): number => {
  const { type = DEFAULT_THRESHOLD.type, value = DEFAULT_THRESHOLD.value } = breaker?.thresholdConfiguration ?? {}
  if (type === 'COUNT') return value
  const share = Math.ceil((value * desiredCount) / 100)
  if (type === 'UNBOUNDED_PERCENT') return Math.max(1, share)
  return Math.min(BOUNDS.most, Math.max(BOUNDS.least, share))
}
