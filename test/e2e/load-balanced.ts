// An application load balancer with a listener and a target group, made as a user makes them, for tests of services behind it.
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  waitUntilLoadBalancerAvailable,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { freePort, KEYS, REGION } from './stowage.ts'

export type LoadBalanced = {
  readonly elbv2: ElasticLoadBalancingV2Client
  readonly loadBalancerArn: string
  readonly listenerArn: string
  readonly targetGroupArn: string
  /** Of the listener, on the loopback. */
  readonly url: string
}

/** A second target group like the first, which gets no traffic yet: the listener's default rule has both. */
export const makeAlternate = async (
  { elbv2, targetGroupArn, listenerArn }: LoadBalanced,
  name: string,
): Promise<{ readonly alternateTargetGroupArn: string; readonly productionListenerRule: string }> => {
  const { TargetGroups: [first] = [] } = await elbv2.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }),
  )
  const { VpcId, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds } = first ?? {}
  const { TargetGroups: [group] = [] } = await elbv2.send(
    new CreateTargetGroupCommand({
      ...{ Name: name, Protocol: 'HTTP', Port: 80, VpcId, TargetType: 'instance' },
      ...{ HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds, UnhealthyThresholdCount: 2 },
    }),
  )
  const alternateTargetGroupArn = group?.TargetGroupArn ?? ''
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }]
  await elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: alternateTargetGroupArn, Attributes }))
  const TargetGroups = [
    { TargetGroupArn: targetGroupArn, Weight: 100 },
    { TargetGroupArn: alternateTargetGroupArn, Weight: 0 },
  ]
  const DefaultActions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }]
  await elbv2.send(new ModifyListenerCommand({ ListenerArn: listenerArn, DefaultActions }))
  const { Rules: [rule] = [] } = await elbv2.send(new DescribeRulesCommand({ ListenerArn: listenerArn }))
  return { alternateTargetGroupArn, productionListenerRule: rule?.RuleArn ?? '' }
}

export type LoadBalancedOptions = {
  /** Of its listener, which is not waited for: it may be taken. */
  readonly port?: number
  readonly targetType?: 'instance' | 'ip'
}

export const makeLoadBalancer = async (
  endpoint: string,
  name: string,
  { port, targetType = 'instance' }: LoadBalancedOptions = {},
): Promise<LoadBalanced> => {
  const client = { endpoint, region: REGION, credentials: KEYS }
  const elbv2 = new ElasticLoadBalancingV2Client(client)
  const ec2 = new EC2Client(client)
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  ec2.destroy()
  const { LoadBalancers: [balancer] = [] } = await elbv2.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId) }),
  )
  const { TargetGroups: [group] = [] } = await elbv2.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: balancer?.VpcId,
      TargetType: targetType,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      UnhealthyThresholdCount: 2,
    }),
  )
  const TargetGroupArn = group?.TargetGroupArn ?? ''
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }]
  await elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
  const Port = port ?? (await freePort())
  const { Listeners: [listener] = [] } = await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  const waiter = { client: elbv2, maxWaitTime: 120, minDelay: 0.2, maxDelay: 0.5 }
  if (port === undefined)
    await waitUntilLoadBalancerAvailable(waiter, { LoadBalancerArns: [balancer?.LoadBalancerArn ?? ''] })
  return {
    elbv2,
    loadBalancerArn: balancer?.LoadBalancerArn ?? '',
    listenerArn: listener?.ListenerArn ?? '',
    targetGroupArn: TargetGroupArn,
    url: `http://127.0.0.1:${Port}/`,
  }
}
