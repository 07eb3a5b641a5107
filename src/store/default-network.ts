// The default VPC of an account and region, made the first time that anything of a network is asked for: a subnet in each
// zone, and the default security group. Before: services/ec2/, services/elbv2/, services/ecs/, within their transactions.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
import type { Scope } from '../domain/arn.ts'
import {
  DEFAULT_VPC_CIDR,
  type Network,
  networkId,
  newDefaultSecurityGroup,
  type Vpc,
  ZONE_LETTERS,
} from '../domain/network.ts'
import type { Ids } from '../lib/ids.ts'
import { networkKey, securityGroups, subnets, vpcs } from './network-tables.ts'
import type { Reader, Transaction } from './store.ts'

/** Subnets of a /16 as AWS cuts them: a /20 a zone, 4,091 addresses each. */
const SUBNET_SIZE = 16

export const defaultVpc = (reader: Reader, scope: Scope): Vpc | undefined =>
  [...reader.byIndex(vpcs, 'byScope', networkKey(scope))].find(({ isDefault }) => isDefault)

/** The default VPC, made now if the account and region has none yet. */
export const ensureDefaultNetwork = (tx: Transaction, { region, accountId }: Scope, ids: Ids, now: number): Vpc => {
  const known = defaultVpc(tx, { region, accountId })
  if (known) return known
  const own: Network = { region, accountId, tags: [], createdAt: now }
  const vpc: Vpc = { ...own, id: networkId('vpc', ids), cidrBlock: DEFAULT_VPC_CIDR, isDefault: true }
  tx.put(vpcs, vpc)
  tx.put(securityGroups, newDefaultSecurityGroup(vpc, own, ids))
  const [first = '', second = ''] = DEFAULT_VPC_CIDR.split('.')
  for (const [index, letter] of ZONE_LETTERS.entries())
    tx.put(subnets, {
      ...own,
      id: networkId('subnet', ids),
      vpcId: vpc.id,
      availabilityZone: `${region}${letter}`,
      cidrBlock: `${first}.${second}.${index * SUBNET_SIZE}.0/20`,
      isDefault: true,
    })
  return vpc
}
