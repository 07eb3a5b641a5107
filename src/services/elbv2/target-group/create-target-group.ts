// CreateTargetGroup: the same call again gives the same group; the name with other settings is refused.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
import type { CreateTargetGroupInput, CreateTargetGroupOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../../../domain/arn.ts'
import { isHttp } from '../../../domain/load-balancing/attributes.ts'
import type { TargetGroup } from '../../../domain/load-balancing/target-group.ts'
import { ensureDefaultNetwork } from '../../../store/default-network.ts'
import { targetGroups } from '../../../store/load-balancing-tables.ts'
import { vpcs } from '../../../store/network-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { newTargetGroupArn } from '../arns.ts'
import { checkRange, type Elbv2Operation, invalid, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { targetGroupNamed } from '../find.ts'
import { checkLimit, LIMITS } from '../limits.ts'
import { checkName } from '../names.ts'
import { checkTags } from '../tag/tags.ts'
import { describeTargetGroup } from './describe.ts'
import { healthCheckOf } from './health-check.ts'

export const createTargetGroup: Elbv2Operation<CreateTargetGroupInput, CreateTargetGroupOutput> =
  ({ store, clock, ids }) =>
  (request, input) => {
    const tags = checkTags(input.Tags)
    const settings = checked(input)
    return store.write(tx => {
      ensureDefaultNetwork(tx, request, ids, clock.now())
      checkVpc(tx, request, settings.vpcId)
      const known = targetGroupNamed(tx, request, settings.name)
      if (known && !isSame(known, settings))
        throw refusal(
          'DuplicateTargetGroupName',
          `A target group with the same name '${settings.name}' exists, but with different settings`,
        )
      if (known) return { TargetGroups: [describeTargetGroup(tx, known)] }
      const others = tx.count(targetGroups, 'byRegion', request.region)
      checkLimit('TooManyTargetGroups', 'target groups', others + 1, LIMITS.targetGroups)
      const arn = newTargetGroupArn(request, settings.name, ids)
      const row: TargetGroup = { ...settings, arn, attributes: {}, tags, createdAt: clock.now() }
      tx.put(targetGroups, row)
      return { TargetGroups: [describeTargetGroup(tx, row)] }
    })
  }

type Settings = Omit<TargetGroup, 'arn' | 'attributes' | 'tags' | 'createdAt'>

const checked = (input: CreateTargetGroupInput): Settings => {
  const { Port, VpcId } = input
  checkBuilt('CreateTargetGroupInput', input)
  const name = checkName('Target group name', input.Name)
  const protocol = protocolOf(input.Protocol)
  if (Port === undefined) throw invalid('A port must be specified')
  checkRange('port', Port, 1, 65_535)
  if (!VpcId) throw invalid('A VPC ID must be specified')
  const group = {
    name,
    protocol,
    ...protocolVersionOf(protocol, input.ProtocolVersion),
    port: Port,
    vpcId: VpcId,
    targetType: input.TargetType === 'ip' ? 'ip' : 'instance',
  } as const
  return { ...group, healthCheck: healthCheckOf(group, input) }
}

const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'TLS'] as const

const protocolOf = (asked: string | undefined): TargetGroup['protocol'] => {
  const found = PROTOCOLS.find(protocol => protocol === asked)
  if (!found) throw invalid('A protocol must be specified')
  return found
}

const protocolVersionOf = (
  protocol: TargetGroup['protocol'],
  asked: string | undefined,
): Pick<TargetGroup, 'protocolVersion'> => {
  if (!isHttp(protocol)) {
    if (asked) throw invalid(`A protocol version cannot be specified for target groups with the ${protocol} protocol`)
    return {}
  }
  const version = asked ?? 'HTTP1'
  if (version !== 'HTTP1' && version !== 'HTTP2' && version !== 'GRPC')
    throw invalid(`Protocol version '${version}' must be one of 'GRPC, HTTP1, HTTP2'`)
  return { protocolVersion: version }
}

const checkVpc = (reader: Reader, { region, accountId }: Scope, vpcId: string): void => {
  const vpc = reader.get(vpcs, vpcId)
  if (vpc?.region !== region || vpc.accountId !== accountId) throw invalid(`The VPC ID '${vpcId}' is not found`)
}

const isSame = (known: TargetGroup, settings: Settings): boolean => {
  const of = (group: Settings): string => {
    const { name, protocol, protocolVersion, port, vpcId, targetType, healthCheck } = group
    const check = Object.entries(healthCheck).sort(([a], [b]) => (a < b ? -1 : 1))
    return JSON.stringify([name, protocol, protocolVersion, port, vpcId, targetType, check])
  }
  return of(known) === of(settings)
}
