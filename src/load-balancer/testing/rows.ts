// Rows of load balancing for tests: each sets only what matters to it.
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  DEFAULT_PRIORITY,
  type Listener,
  type LoadBalancer,
  type Rule,
} from '../../domain/load-balancing/load-balancer.ts'
import type { Target, TargetGroup } from '../../domain/load-balancing/target-group.ts'

const PREFIX = 'arn:aws:elasticloadbalancing:us-east-1:000000000000'
let made = 0
const hex = (): string => (++made).toString(16).padStart(16, '0')

/** Ids start anew: what a golden file says does not depend on the tests before it. */
export const restartIds = (): void => {
  made = 0
}

export const loadBalancerRow = (name: string, over: Partial<LoadBalancer> = {}): LoadBalancer => {
  const type = over.type ?? 'application'
  return {
    arn: `${PREFIX}:loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${hex()}`,
    ...{ name, type, scheme: 'internet-facing', ipAddressType: 'ipv4', vpcId: 'vpc-1', zones: [], securityGroups: [] },
    dnsName: `${name}-1.elb.localhost`,
    ...{ attributes: {}, tags: [], createdAt: ++made },
    ...over,
  }
}

export const listenerRow = (loadBalancer: LoadBalancer, port: number, over: Partial<Listener> = {}): Listener => ({
  arn: `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${hex()}`,
  loadBalancerArn: loadBalancer.arn,
  port,
  protocol: loadBalancer.type === 'network' ? 'TCP' : 'HTTP',
  ...{ certificateArns: [], attributes: {}, tags: [], createdAt: 1 },
  ...over,
})

export const groupRow = (
  name: string,
  over: Partial<Omit<TargetGroup, 'healthCheck'>> & { readonly healthCheck?: Partial<TargetGroup['healthCheck']> } = {},
): TargetGroup => ({
  arn: `${PREFIX}:targetgroup/${name}/${hex()}`,
  name,
  ...{ protocol: 'HTTP', port: 80, vpcId: 'vpc-1', targetType: 'ip', attributes: {}, tags: [], createdAt: 1 },
  ...over,
  healthCheck: {
    ...{ enabled: true, protocol: 'HTTP', port: 'traffic-port', path: '/', intervalSeconds: 30, timeoutSeconds: 5 },
    ...{ healthyThreshold: 5, unhealthyThreshold: 2, matcher: '200' },
    ...over.healthCheck,
  },
})

export const forward = (groups: Readonly<Record<string, number>>, sticky?: { readonly seconds: number }): Action => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: Object.entries(groups).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
    TargetGroupStickinessConfig: sticky ? { Enabled: true, DurationSeconds: sticky.seconds } : { Enabled: false },
  },
})

export const ruleRow = (
  listener: Listener,
  action: Action,
  over: { readonly priority?: number; readonly conditions?: readonly RuleCondition[] } = {},
): Rule => ({
  arn: `${listener.arn.replace(':listener/', ':listener-rule/')}/${hex()}`,
  listenerArn: listener.arn,
  loadBalancerArn: listener.loadBalancerArn,
  priority: over.priority ?? DEFAULT_PRIORITY,
  isDefault: over.priority === undefined,
  conditions: over.conditions ?? [],
  actions: [action],
  ...{ tags: [], createdAt: 1 },
})

export const targetRow = (group: TargetGroup, port: number, over: Partial<Target> = {}): Target => ({
  ...{ targetGroupArn: group.arn, id: '127.0.0.1', address: '127.0.0.1', port, registeredAt: 1 },
  ...over,
})
