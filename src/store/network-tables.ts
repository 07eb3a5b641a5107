// The tables of networks: asked for by services/ec2/, read by services/ecs/, services/elbv2/ and whoever gives addresses.
import type { Scope } from '../domain/arn.ts'
import type { SecurityGroup, Subnet, Vpc } from '../domain/network.ts'
import { defineTable } from './table.ts'

/** The index `byScope`: an account's rows of one region. */
export const networkKey = ({ region, accountId }: Scope): string => `${region}|${accountId}`

export const vpcs = defineTable<Vpc>({ name: 'vpcs', key: row => row.id, indexes: { byScope: networkKey } })

export const subnets = defineTable<Subnet>({
  name: 'subnets',
  key: row => row.id,
  indexes: { byScope: networkKey, byVpc: row => row.vpcId },
})

export const securityGroups = defineTable<SecurityGroup>({
  name: 'securityGroups',
  key: row => row.id,
  indexes: { byScope: networkKey, byVpc: row => row.vpcId },
})

export const networkTables = [vpcs, subnets, securityGroups] as const
