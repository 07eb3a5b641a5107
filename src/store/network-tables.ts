// The tables of networks: asked for by services/ec2/, read by services/ecs/, services/elbv2/ and whoever gives addresses.
import type { SecurityGroup, Subnet, Vpc } from '../domain/network.ts'
import { defineTable } from './table.ts'

type Row = { readonly region: string }
const byRegion = (row: Row): string => row.region

export const vpcs = defineTable<Vpc>({ name: 'vpcs', key: row => row.id, indexes: { byRegion } })

export const subnets = defineTable<Subnet>({
  name: 'subnets',
  key: row => row.id,
  indexes: { byRegion, byVpc: row => row.vpcId },
})

export const securityGroups = defineTable<SecurityGroup>({
  name: 'securityGroups',
  key: row => row.id,
  indexes: { byRegion, byVpc: row => row.vpcId },
})

export const networkTables = [vpcs, subnets, securityGroups] as const
