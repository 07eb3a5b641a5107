// Deployment strategies that shift traffic, as CreateService and UpdateService take them: what each configures, with ECS's defaults
// and refusals. Before: check-service.ts. After: the deployment loop (reconcilers/deployment/shift.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
import type { DeploymentConfiguration, DeploymentLifecycleHook, LoadBalancer } from '@aws-sdk/client-ecs'
import { shiftsTraffic } from '../../../domain/traffic-shift.ts'
import { invalid, notBuilt } from '../refuse.ts'

type Strategy = Pick<
  DeploymentConfiguration,
  'strategy' | 'bakeTimeInMinutes' | 'linearConfiguration' | 'canaryConfiguration' | 'lifecycleHooks'
>

const LONGEST_BAKE_MINUTES = 1440
/** What the console fills in. */
const DEFAULT_BAKE_MINUTES = 15
const DEFAULT_LINEAR = { stepPercent: 10, stepBakeTimeInMinutes: 6 }
const DEFAULT_CANARY = { canaryPercent: 5, canaryBakeTimeInMinutes: 10 }
const MAX_HOOKS = 10
const LONGEST_PAUSE_MINUTES = 20_160
const PAUSE_STAGES: readonly string[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
]

/** `asked` laid over what holds so far. */
export const strategyFrom = (asked: Strategy, sofar: Strategy): Strategy => {
  const strategy = asked.strategy ?? sofar.strategy ?? 'ROLLING'
  const kept = strategy === (sofar.strategy ?? 'ROLLING') ? sofar : {}
  if (asked.linearConfiguration && strategy !== 'LINEAR')
    throw invalid('linearConfiguration is only valid with the LINEAR deployment strategy.')
  if (asked.canaryConfiguration && strategy !== 'CANARY')
    throw invalid('canaryConfiguration is only valid with the CANARY deployment strategy.')
  const lifecycleHooks = asked.lifecycleHooks ?? kept.lifecycleHooks ?? []
  for (const hook of lifecycleHooks) checkHook(hook)
  if (lifecycleHooks.length > MAX_HOOKS) throw invalid(`lifecycleHooks can have at most ${MAX_HOOKS} items.`)
  const bakeTimeInMinutes = asked.bakeTimeInMinutes ?? kept.bakeTimeInMinutes
  checkMinutes('bakeTimeInMinutes', bakeTimeInMinutes)
  if (!shiftsTraffic({ strategy })) {
    if (lifecycleHooks.length > 0) throw notBuilt('lifecycleHooks with the ROLLING deployment strategy')
    if (bakeTimeInMinutes) throw notBuilt('bakeTimeInMinutes with the ROLLING deployment strategy')
    return { strategy, bakeTimeInMinutes: 0 }
  }
  return {
    strategy,
    bakeTimeInMinutes: bakeTimeInMinutes ?? DEFAULT_BAKE_MINUTES,
    ...(lifecycleHooks.length === 0 ? {} : { lifecycleHooks }),
    ...stepsFrom(strategy, asked, kept),
  }
}

const stepsFrom = (
  strategy: string,
  asked: Strategy,
  kept: Strategy,
): Pick<Strategy, 'linearConfiguration' | 'canaryConfiguration'> => {
  if (strategy === 'LINEAR') {
    const linear = { ...DEFAULT_LINEAR, ...kept.linearConfiguration, ...asked.linearConfiguration }
    checkPercent('stepPercent', linear.stepPercent, 3)
    checkMinutes('stepBakeTimeInMinutes', linear.stepBakeTimeInMinutes)
    return { linearConfiguration: linear }
  }
  if (strategy !== 'CANARY') return {}
  const canary = { ...DEFAULT_CANARY, ...kept.canaryConfiguration, ...asked.canaryConfiguration }
  checkPercent('canaryPercent', canary.canaryPercent, 0.1)
  checkMinutes('canaryBakeTimeInMinutes', canary.canaryBakeTimeInMinutes)
  return { canaryConfiguration: canary }
}

const checkPercent = (name: string, value = 100, least = 0): void => {
  // Floating point does not hold tenths exactly.
  const tenths = value * 10
  if (value < least || value > 100 || Math.abs(tenths - Math.round(tenths)) > 1e-6)
    throw invalid(`${name} must be a multiple of 0.1 from ${least.toFixed(1)} to 100.0.`)
}

const checkMinutes = (name: string, value: number | undefined): void => {
  if (value !== undefined && (value < 0 || value > LONGEST_BAKE_MINUTES))
    throw invalid(`${name} must be from 0 to ${LONGEST_BAKE_MINUTES} minutes.`)
}

const checkHook = ({ targetType, lifecycleStages = [], timeoutConfiguration }: DeploymentLifecycleHook): void => {
  if (targetType !== 'PAUSE') throw notBuilt('A lifecycle hook with the targetType AWS_LAMBDA')
  if (lifecycleStages.length === 0) throw invalid('lifecycleStages can not be empty.')
  if (!lifecycleStages.every(stage => PAUSE_STAGES.includes(stage)))
    throw invalid('Invalid lifecycle stage provided for Pause Hook')
  const minutes = timeoutConfiguration?.timeoutInMinutes ?? 1
  if (minutes < 1 || minutes > LONGEST_PAUSE_MINUTES)
    throw invalid(`timeoutInMinutes of a pause hook must be from 1 to ${LONGEST_PAUSE_MINUTES}.`)
}

const RULE_OR_LISTENER =
  /^arn:[\w-]+:elasticloadbalancing:[\w-]*:\d*:(listener-rule\/app\/[^/]+\/[^/]+\/[^/]+\/[^/]+|listener\/net\/[^/]+\/[^/]+\/[^/]+)$/

/** Whether the load balancers are such that the strategy can shift their traffic: each a pair of target groups, and its rules. */
export const checkPairs = (
  configuration: DeploymentConfiguration,
  loadBalancers: readonly LoadBalancer[] = [],
): void => {
  const { strategy } = configuration
  const paired = loadBalancers.filter(({ advancedConfiguration }) => advancedConfiguration)
  if (paired.length > 0 && paired.length < loadBalancers.length)
    throw invalid('Either all or none of the provided loadBalancers must have advancedConfiguration defined')
  if (shiftsTraffic(configuration)) {
    if (loadBalancers.length > paired.length)
      throw invalid(
        'advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy',
      )
    if (loadBalancers.length === 0 && strategy !== 'BLUE_GREEN')
      throw invalid(`The ${strategy} deployment strategy requires loadBalancers.`)
  }
  for (const { advancedConfiguration } of paired) checkRules(advancedConfiguration ?? {})
  const groups = paired.flatMap(({ targetGroupArn = '', advancedConfiguration }) => [
    targetGroupArn,
    advancedConfiguration?.alternateTargetGroupArn ?? '',
  ])
  const twice = groups.find((group, index) => groups.indexOf(group) !== index)
  if (twice !== undefined) throw invalid(`Duplicate targetGroupArn found: ${twice}`)
}

const checkRules = (advanced: NonNullable<LoadBalancer['advancedConfiguration']>): void => {
  const { alternateTargetGroupArn, productionListenerRule, testListenerRule } = advanced
  if (!alternateTargetGroupArn) throw invalid('alternateTargetGroupArn can not be blank.')
  for (const [name, arn] of Object.entries({ productionListenerRule: productionListenerRule ?? '', testListenerRule }))
    if (arn !== undefined && !RULE_OR_LISTENER.test(arn))
      throw invalid(`${name} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: ${arn}`)
  if (testListenerRule !== undefined && testListenerRule === productionListenerRule)
    throw invalid(`The following rules cannot be used as both production and test listener rules: ${testListenerRule}`)
}
