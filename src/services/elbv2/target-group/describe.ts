// A target group as callers see it, with the load balancer that forwards to it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html
import type { TargetGroup as TargetGroupAnswer } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { TargetGroup } from '../../../domain/load-balancing/target-group.ts'
import type { Reader } from '../../../store/store.ts'
import { loadBalancersOf } from '../find.ts'

export const describeTargetGroup = (reader: Reader, row: TargetGroup): TargetGroupAnswer => {
  const { healthCheck: check, protocolVersion } = row
  const Matcher = protocolVersion === 'GRPC' ? { GrpcCode: check.matcher } : { HttpCode: check.matcher }
  return {
    TargetGroupArn: row.arn,
    TargetGroupName: row.name,
    Protocol: row.protocol,
    Port: row.port,
    VpcId: row.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.path === undefined ? {} : { HealthCheckPath: check.path }),
    ...(check.matcher === undefined ? {} : { Matcher }),
    LoadBalancerArns: [...loadBalancersOf(reader, row.arn)],
    TargetType: row.targetType,
    ...(protocolVersion === undefined ? {} : { ProtocolVersion: protocolVersion }),
    IpAddressType: 'ipv4',
  }
}
