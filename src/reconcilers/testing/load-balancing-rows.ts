// Rows of load balancing for tests, each with what matters to the test laid over it: a load balancer `web` with one listener
// whose default rule forwards to the target groups of the test.
import {
  DEFAULT_PRIORITY,
  type Listener,
  type LoadBalancer,
  type Rule,
} from '../../domain/load-balancing/load-balancer.ts'
import type { Target, TargetGroup, TargetHealth } from '../../domain/load-balancing/target-group.ts'
import { listeners, loadBalancers, rules, targetGroups } from '../../store/load-balancing-tables.ts'
import type { Transaction } from '../../store/store.ts'
import { T0 } from './rows.ts'

const SCOPE = 'arn:aws:elasticloadbalancing:us-east-1:123456789012'
export const LOAD_BALANCER = `${SCOPE}:loadbalancer/app/web/0123456789abcdef`
export const LISTENER = `${SCOPE}:listener/app/web/0123456789abcdef/0000000000000001`

export const groupArn = (name: string): string => `${SCOPE}:targetgroup/${name}/${name.padEnd(16, '0').slice(0, 16)}`

export const groupRow = (name: string, more: Partial<TargetGroup> = {}): TargetGroup => ({
  arn: groupArn(name),
  name,
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  port: 80,
  vpcId: 'vpc-1',
  targetType: 'instance',
  healthCheck: {
    enabled: true,
    protocol: 'HTTP',
    port: 'traffic-port',
    path: '/',
    intervalSeconds: 30,
    timeoutSeconds: 5,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    matcher: '200',
  },
  attributes: {},
  tags: [],
  createdAt: T0,
  ...more,
})

export const loadBalancerRow = (more: Partial<LoadBalancer> = {}): LoadBalancer => ({
  arn: LOAD_BALANCER,
  name: 'web',
  type: 'application',
  scheme: 'internet-facing',
  ipAddressType: 'ipv4',
  vpcId: 'vpc-1',
  zones: [{ zoneName: 'us-east-1a', subnetId: 'subnet-1' }],
  securityGroups: [],
  dnsName: 'web-1.elb.localhost',
  attributes: {},
  tags: [],
  createdAt: T0,
  ...more,
})

export const listenerRow = (more: Partial<Listener> = {}): Listener => ({
  arn: LISTENER,
  loadBalancerArn: LOAD_BALANCER,
  port: 80,
  protocol: 'HTTP',
  certificateArns: [],
  attributes: {},
  tags: [],
  createdAt: T0,
  ...more,
})

export const ruleRow = (groups: readonly string[], more: Partial<Rule> = {}): Rule => ({
  arn: `${LISTENER.replace(':listener/', ':listener-rule/')}/0000000000000002`,
  listenerArn: LISTENER,
  loadBalancerArn: LOAD_BALANCER,
  priority: DEFAULT_PRIORITY,
  isDefault: true,
  conditions: [],
  actions: [
    {
      Type: 'forward',
      ForwardConfig: { TargetGroups: groups.map(name => ({ TargetGroupArn: groupArn(name), Weight: 1 })) },
    },
  ],
  tags: [],
  createdAt: T0,
  ...more,
})

/** The load balancer, its listener and its rule, with the groups that it forwards to. */
export const putLoadBalancer = (tx: Transaction, ...groups: readonly TargetGroup[]): void => {
  tx.put(loadBalancers, loadBalancerRow())
  tx.put(listeners, listenerRow())
  for (const group of groups) tx.put(targetGroups, group)
  tx.put(rules, ruleRow(groups.map(({ name }) => name)))
}

export const targetRow = (group: string, more: Partial<Target> = {}): Target => ({
  targetGroupArn: groupArn(group),
  id: 'i-00000000000000001',
  port: 32768,
  address: '10.0.0.1',
  registeredAt: T0,
  ...more,
})

export const healthRow = (
  { targetGroupArn, id, port }: Target,
  state: TargetHealth['state'],
  more: Partial<TargetHealth> = {},
): TargetHealth => ({ targetGroupArn, id, port, state, since: T0, ...more })
