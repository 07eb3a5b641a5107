// How a deployment with the strategy BLUE_GREEN, LINEAR or CANARY comes from one revision to the other: its stages in order, what
// share of the traffic the new revision has, and where a user is waited for. Pure: a service deployment's row carries it.
// Before: the deployment loop moves it on (reconcilers/deployment/shift.ts). After: DescribeServiceDeployments tells it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
import { createHash } from 'node:crypto'
import type {
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  DeploymentLifecycleHookStage,
  ServiceDeploymentLifecycleStage,
} from '@aws-sdk/client-ecs'

/** The SDK's enum lacks PRE_PRODUCTION_TRAFFIC_SHIFT, which its own text lists. */
export type LifecycleStage = ServiceDeploymentLifecycleStage | 'PRE_PRODUCTION_TRAFFIC_SHIFT'

/** In order. Of LINEAR and CANARY the two of the production shift come again for each step. */
export const LIFECYCLE_STAGES: readonly LifecycleStage[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
]

export const isAtLeast = (stage: LifecycleStage, other: LifecycleStage): boolean =>
  LIFECYCLE_STAGES.indexOf(stage) >= LIFECYCLE_STAGES.indexOf(other)

export type PauseHook = {
  /** `ecs-pause-` and 43 characters, another one each time the stage is entered. */
  readonly id: string
  readonly status: 'AWAITING_ACTION' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'
  readonly expiresAt: number
  readonly timeoutAction: 'CONTINUE' | 'ROLLBACK'
}

export type TrafficShift = {
  readonly stage: LifecycleStage
  /** When the stage, or its step, began. */
  readonly since: number
  /** Percent of the production traffic that the target revision is to have. */
  readonly production: number
  /** Percent of the test traffic. */
  readonly test: number
  /** Of this stage. */
  readonly hooks: readonly PauseHook[]
  /** Why it goes no further: the deployment loop rolls it back. In the words of the deployment's `statusReason`. */
  readonly failure?: string
}

type Configuration = Pick<DeploymentConfiguration, 'strategy' | 'linearConfiguration' | 'canaryConfiguration'>

/** Whether traffic is shifted at all, rather than tasks replaced. */
export const shiftsTraffic = ({ strategy }: Configuration): boolean => strategy !== undefined && strategy !== 'ROLLING'

/** The production share of the next step. */
export const nextShare = (configuration: Configuration, share: number): number => {
  const { strategy, linearConfiguration, canaryConfiguration } = configuration
  if (strategy === 'LINEAR') return Math.min(100, tenths(share + (linearConfiguration?.stepPercent ?? 100)))
  const canary = canaryConfiguration?.canaryPercent ?? 100
  return strategy === 'CANARY' && share < canary ? canary : 100
}

const tenths = (percent: number): number => Math.round(percent * 10) / 10

const MINUTE_MS = 60_000

/** How long a step of the production shift stands before the next one. Not after the last. */
export const stepBakeMs = (configuration: Configuration, share: number): number => {
  if (share >= 100) return 0
  const { strategy, linearConfiguration, canaryConfiguration } = configuration
  if (strategy === 'LINEAR') return (linearConfiguration?.stepBakeTimeInMinutes ?? 0) * MINUTE_MS
  return strategy === 'CANARY' ? (canaryConfiguration?.canaryBakeTimeInMinutes ?? 0) * MINUTE_MS : 0
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHookTimeoutConfiguration.html */
export const DEFAULT_HOOK_TIMEOUT_MINUTES = 1440

const isFor = ({ lifecycleStages }: DeploymentLifecycleHook, stage: LifecycleStage): boolean =>
  lifecycleStages?.includes(stage as DeploymentLifecycleHookStage) ?? false

/** Those that are waited for in a stage that begins now. */
export const hooksOf = (
  deploymentArn: string,
  { lifecycleHooks = [] }: DeploymentConfiguration,
  stage: LifecycleStage,
  share: number,
  now: number,
): readonly PauseHook[] =>
  lifecycleHooks
    .filter(hook => isFor(hook, stage))
    .map(({ timeoutConfiguration = {} }, index) => {
      const minutes = timeoutConfiguration.timeoutInMinutes ?? DEFAULT_HOOK_TIMEOUT_MINUTES
      return {
        id: `ecs-pause-${createHash('sha256').update(`${deploymentArn}|${stage}|${share}|${index}`).digest('base64url')}`,
        status: 'AWAITING_ACTION',
        expiresAt: now + minutes * MINUTE_MS,
        timeoutAction: timeoutConfiguration.action ?? 'ROLLBACK',
      }
    })

/** The hooks as they are by `now`: one that nobody answered in time has timed out. */
export const expire = (hooks: readonly PauseHook[], now: number): readonly PauseHook[] =>
  hooks.some(hook => hook.status === 'AWAITING_ACTION' && hook.expiresAt <= now)
    ? hooks.map(hook =>
        hook.status === 'AWAITING_ACTION' && hook.expiresAt <= now ? { ...hook, status: 'TIMED_OUT' as const } : hook,
      )
    : hooks
