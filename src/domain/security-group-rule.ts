// Rules of a security group: kept and answered, for scripts that set them. Nothing filters by them.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
import type { Tag } from '@aws-sdk/client-ec2'
import { DEFAULT_SECURITY_GROUP, type SecurityGroup } from './network.ts'

/** The other side: one of the four. */
export type RulePeer = {
  readonly cidrIpv4?: string
  readonly cidrIpv6?: string
  readonly prefixListId?: string
  readonly groupId?: string
}

export type RuleMatch = RulePeer & {
  readonly egress: boolean
  /** `tcp`, `udp`, `icmp`, `icmpv6`, another one's number, or `-1` for all. */
  readonly protocol: string
  /** For ICMP the type and the code; -1 for all. */
  readonly fromPort: number
  readonly toPort: number
}

export type SecurityGroupRule = RuleMatch & {
  /** `sgr-` and 17 hex digits. */
  readonly id: string
  readonly description?: string
  readonly tags: readonly Tag[]
}

const ALL = { protocol: '-1', fromPort: -1, toPort: -1, tags: [] } as const

/** What a group has until somebody changes it: all may go out; to the default group its own members may come in. */
const initialRules = ({ id, name }: SecurityGroup): readonly SecurityGroupRule[] => {
  // Ids that follow from the group's, so that nothing is written before there is a change.
  const own = id.slice('sg-0'.length)
  const out: SecurityGroupRule = { ...ALL, id: `sgr-0${own}`, egress: true, cidrIpv4: '0.0.0.0/0' }
  const within: SecurityGroupRule = { ...ALL, id: `sgr-1${own}`, egress: false, groupId: id }
  return name === DEFAULT_SECURITY_GROUP ? [within, out] : [out]
}

export const rulesOf = (group: SecurityGroup): readonly SecurityGroupRule[] => group.rules ?? initialRules(group)

/** AWS tells rules apart by this: a description makes no other rule. */
export const ruleKey = (rule: RuleMatch): string => {
  const { egress, protocol, fromPort, toPort, cidrIpv4, cidrIpv6, prefixListId, groupId } = rule
  return JSON.stringify([egress, protocol, fromPort, toPort, cidrIpv4, cidrIpv6, prefixListId, groupId])
}
