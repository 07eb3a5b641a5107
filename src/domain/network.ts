// The little of Amazon VPC that ECS and load balancers rest on: networks, their subnets, security groups.
// Before: services/ec2/ writes them; an account and region that has none gets a default VPC the first time it is asked for
// (store/default-network.ts). https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
import type { Tag } from '@aws-sdk/client-ec2'
import type { Ids } from '../lib/ids.ts'
import type { Scope } from './arn.ts'
import type { SecurityGroupRule } from './security-group-rule.ts'

/** What they have alike. */
export type Network = Scope & { readonly tags: readonly Tag[]; readonly createdAt: number }

export type Vpc = Network & {
  /** `vpc-` and 17 hex digits. */
  readonly id: string
  readonly cidrBlock: string
  readonly isDefault: boolean
}

export type Subnet = Network & {
  /** `subnet-` and 17 hex digits. */
  readonly id: string
  readonly vpcId: string
  readonly availabilityZone: string
  readonly cidrBlock: string
  /** The zone's default subnet. */
  readonly isDefault: boolean
}

export type SecurityGroup = Network & {
  /** `sg-` and 17 hex digits. */
  readonly id: string
  readonly vpcId: string
  readonly name: string
  readonly description: string
  /** Absent until they are changed: security-group-rule.ts has those of a new group. */
  readonly rules?: readonly SecurityGroupRule[]
}

/** As on AWS, where it is the same in every account. */
export const DEFAULT_VPC_CIDR = '172.31.0.0/16'

/** The zones that every region has here; a container instance may be in another one besides. */
export const ZONE_LETTERS = ['a', 'b', 'c'] as const

/** `vpc-0` and 16 hex digits, and so on. */
export const networkId = (kind: 'vpc' | 'subnet' | 'sg' | 'sgr', ids: Ids): string =>
  `${kind}-0${ids.hex32().slice(16)}`

/** Every VPC has one, and keeps it. */
export const DEFAULT_SECURITY_GROUP = 'default'

export const newDefaultSecurityGroup = (vpc: Pick<Vpc, 'id'>, own: Network, ids: Ids): SecurityGroup => ({
  ...own,
  id: networkId('sg', ids),
  vpcId: vpc.id,
  name: DEFAULT_SECURITY_GROUP,
  description: 'default VPC security group',
})

/** IPv4 addresses of a block, as numbers: the first one and how many. */
export type Cidr = { readonly first: number; readonly size: number; readonly prefix: number }

/** Undefined for what is not `a.b.c.d/n` with all bits behind the prefix 0. */
export const parseCidr = (text: string): Cidr | undefined => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)
  if (!match) return undefined
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number)
  if ([a, b, c, d].some(part => part > 255) || prefix > 32) return undefined
  const first = ((a * 256 + b) * 256 + c) * 256 + d
  const size = 2 ** (32 - prefix)
  return first % size === 0 ? { first, size, prefix } : undefined
}

/** `172.31.0.4` of its number. */
export const addressAt = (number: number): string =>
  [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.')

/** The block that an address with a prefix is in: `172.31.0.0/20` of `172.31.0.1/20`. Undefined for what is no such address. */
export const networkOfAddress = (address: string): string | undefined => {
  const [ipv4 = '', prefix = ''] = address.split('/')
  const single = parseCidr(`${ipv4}/32`)
  if (!single || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return undefined
  const size = 2 ** (32 - Number(prefix))
  return `${addressAt(single.first - (single.first % size))}/${prefix}`
}

export const overlap = (one: Cidr, other: Cidr): boolean =>
  one.first < other.first + other.size && other.first < one.first + one.size

export const contains = (outer: Cidr, inner: Cidr): boolean =>
  inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size

/** Addresses that AWS keeps of each subnet: the first four and the last. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
export const RESERVED_ADDRESSES = 5
