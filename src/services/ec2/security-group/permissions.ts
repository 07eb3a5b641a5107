// Permissions, as callers write them (several peers at once), and the rules that they are (one peer each).
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
import { isIPv6 } from 'node:net'
import type { IpPermission, UserIdGroupPair } from '@aws-sdk/client-ec2'
import { networkOfAddress } from '../../../domain/network.ts'
import type { RuleMatch, RulePeer, SecurityGroupRule } from '../../../domain/security-group-rule.ts'
import { invalidValue } from '../context.ts'

/** Of the request: a list of permissions, or a single one by members of the request's own. */
export type Asked = Pick<IpPermission, 'IpProtocol' | 'FromPort' | 'ToPort'> & {
  readonly IpPermissions?: IpPermission[] | undefined
  readonly CidrIp?: string | undefined
}

export type NewRule = RuleMatch & { readonly description?: string }

const NAMES: Readonly<Record<string, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6', all: '-1' }
const WITH_PORTS = ['tcp', 'udp']
const WITH_TYPES = ['icmp', 'icmpv6']

/** `group` gives the id of a group that is named by id or name, or refuses. */
export const rulesFrom = (asked: Asked, egress: boolean, group: (pair: UserIdGroupPair) => string): NewRule[] => {
  const { CidrIp, IpProtocol, FromPort, ToPort } = asked
  const single: IpPermission[] =
    IpProtocol === undefined ? [] : [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }]
  return [...(asked.IpPermissions ?? []), ...single].flatMap(permission => {
    const match = { egress, ...trafficOf(permission) }
    const rule = (peer: RulePeer, Description: string | undefined): NewRule => ({
      ...match,
      ...peer,
      ...(Description === undefined ? {} : { description: checkDescription(Description) }),
    })
    return [
      ...(permission.IpRanges ?? []).map(each => rule({ cidrIpv4: ipv4Block(each.CidrIp) }, each.Description)),
      ...(permission.Ipv6Ranges ?? []).map(each => rule({ cidrIpv6: ipv6Block(each.CidrIpv6) }, each.Description)),
      ...(permission.PrefixListIds ?? []).map(each =>
        rule({ prefixListId: each.PrefixListId ?? '' }, each.Description),
      ),
      ...(permission.UserIdGroupPairs ?? []).map(each => rule({ groupId: group(each) }, each.Description)),
    ]
  })
}

const trafficOf = ({ IpProtocol = '', FromPort, ToPort }: IpPermission) => {
  const lower = IpProtocol.toLowerCase()
  const protocol = Object.hasOwn(NAMES, lower) ? (NAMES[lower] ?? '') : lower
  const known = protocol === '-1' || [...WITH_PORTS, ...WITH_TYPES].includes(protocol)
  if (!known && !(/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255))
    throw invalidValue(`Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`)
  if (WITH_TYPES.includes(protocol)) return { protocol, fromPort: FromPort ?? -1, toPort: ToPort ?? -1 }
  // Ports are for TCP and UDP alone: with any other protocol AWS allows all of them.
  if (!WITH_PORTS.includes(protocol)) return { protocol, fromPort: -1, toPort: -1 }
  if (FromPort === undefined || ToPort === undefined)
    throw invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
  if (FromPort < 0 || ToPort > 65_535 || FromPort > ToPort)
    throw invalidValue(`Invalid ${protocol.toUpperCase()} port range (${FromPort}, ${ToPort})`)
  return { protocol, fromPort: FromPort, toPort: ToPort }
}

/** With bits behind the prefix AWS takes the block that the address is in. */
const ipv4Block = (cidr = ''): string => {
  const block = networkOfAddress(cidr)
  if (block === undefined) throw invalidValue(`CIDR block ${cidr} is malformed`)
  return block
}

const ipv6Block = (cidr = ''): string => {
  const [address = '', prefix = ''] = cidr.split('/')
  if (!isIPv6(address) || !/^\d{1,3}$/.test(prefix) || Number(prefix) > 128)
    throw invalidValue(`CIDR block ${cidr} is malformed`)
  return cidr.toLowerCase()
}

const checkDescription = (text: string): string => {
  if (!/^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(text))
    throw invalidValue(
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    )
  return text
}

/** As DescribeSecurityGroups shows them: rules of the same traffic are one permission. */
export const permissionsOf = (rules: readonly SecurityGroupRule[], accountId: string): IpPermission[] => {
  const byTraffic = Map.groupBy(rules, ({ protocol, fromPort, toPort }) => `${protocol} ${fromPort} ${toPort}`)
  return [...byTraffic.values()].map(alike => {
    const [{ protocol, fromPort, toPort } = { protocol: '-1', fromPort: -1, toPort: -1 }] = alike
    const allPorts = protocol === '-1' || (fromPort === -1 && !WITH_TYPES.includes(protocol))
    const each = <T>(show: (rule: SecurityGroupRule) => T | undefined): T[] => alike.flatMap(rule => show(rule) ?? [])
    const described = ({ description }: SecurityGroupRule) =>
      description === undefined ? {} : { Description: description }
    return {
      IpProtocol: protocol,
      ...(allPorts ? {} : { FromPort: fromPort, ToPort: toPort }),
      IpRanges: each(rule => (rule.cidrIpv4 ? { CidrIp: rule.cidrIpv4, ...described(rule) } : undefined)),
      Ipv6Ranges: each(rule => (rule.cidrIpv6 ? { CidrIpv6: rule.cidrIpv6, ...described(rule) } : undefined)),
      PrefixListIds: each(rule =>
        rule.prefixListId ? { PrefixListId: rule.prefixListId, ...described(rule) } : undefined,
      ),
      UserIdGroupPairs: each(rule =>
        rule.groupId ? { GroupId: rule.groupId, UserId: accountId, ...described(rule) } : undefined,
      ),
    }
  })
}
