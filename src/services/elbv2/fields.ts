// Which fields of requests Stowage does not honour, or of which values only some: refused by name, never ignored. What is
// not listed is honoured. docs/coverage.md is generated from it.
// Before: the operations, by `checkBuilt`.
import { invalidConfiguration, refusal } from './context.ts'

/** `only`: these values; absent: none at all. */
export type RefusedField = { readonly only?: readonly string[]; readonly code?: string }

const only = (...values: readonly string[]): RefusedField => ({ only: values })
const refused: RefusedField = {}

export const refusedFields = {
  CreateLoadBalancerInput: {
    Type: only('application', 'network'),
    IpAddressType: only('ipv4'),
    CustomerOwnedIpv4Pool: refused,
    EnablePrefixForIpv6SourceNat: only('off'),
    IpamPools: refused,
  },
  SubnetMapping: {
    AllocationId: refused,
    PrivateIPv4Address: refused,
    IPv6Address: refused,
    SourceNatIpv6Prefix: refused,
  },
  SetSubnetsInput: { IpAddressType: only('ipv4'), EnablePrefixForIpv6SourceNat: only('off') },
  SetSecurityGroupsInput: { EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: refused },
  SetIpAddressTypeInput: { IpAddressType: only('ipv4') },
  CreateTargetGroupInput: {
    TargetType: only('instance', 'ip'),
    Protocol: only('HTTP', 'HTTPS', 'TCP', 'TLS'),
    IpAddressType: only('ipv4'),
    TargetControlPort: refused,
  },
  TargetDescription: { QuicServerId: refused },
  // Nobody looks for anomalies.
  DescribeTargetHealthInput: { Include: refused },
  CreateListenerInput: { Protocol: { ...only('HTTP', 'HTTPS', 'TCP', 'TLS'), code: 'UnsupportedProtocol' } },
  MutualAuthenticationAttributes: { Mode: only('off') },
  Action: { Type: { ...only('forward', 'redirect', 'fixed-response'), code: 'InvalidLoadBalancerAction' } },
  RuleCondition: { RegexValues: refused },
  SourceIpConditionConfig: { IpAddressType: refused },
  CreateRuleInput: { Transforms: refused },
} as const satisfies Readonly<Record<string, Readonly<Record<string, RefusedField>>>>

/** Where a structure stands in a request, for the texts. */
const PATHS: Partial<Record<keyof typeof refusedFields, string>> = {
  SubnetMapping: 'SubnetMappings.',
  TargetDescription: 'Targets.',
  MutualAuthenticationAttributes: 'MutualAuthentication.',
  Action: 'Actions.',
  RuleCondition: 'Conditions.',
  SourceIpConditionConfig: 'Conditions.SourceIpConfig.',
}

/** Throws a modelled error, InvalidConfigurationRequest but where another one says it better, that names the field. */
export const checkBuilt = (structure: keyof typeof refusedFields, value: object | undefined): void => {
  const given = new Map<string, unknown>(Object.entries(value ?? {}))
  for (const [member, field] of Object.entries<RefusedField>(refusedFields[structure])) {
    const asked = given.get(member)
    if (!isSet(asked) || field.only?.includes(String(asked))) continue
    const path = `${PATHS[structure] ?? ''}${member}`
    const text = `Stowage does not support ${path}${field.only ? ` '${asked}' yet, only ${field.only.join(', ')}` : ' yet'}.`
    throw field.code ? refusal(field.code, text) : invalidConfiguration(text)
  }
}

const isSet = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false && value !== ''
