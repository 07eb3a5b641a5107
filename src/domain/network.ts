// The little of Amazon VPC that ECS and load balancers rest on: networks, their subnets, security groups. Records that are
// used: an awsvpc task takes its address from the subnet it names.
// Before: services/ec2/ writes them; an account and region that has none gets a default VPC the first time it is asked for.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
import type { Tag } from '@aws-sdk/client-ec2'

export type Vpc = {
  /** `vpc-` and 17 hex digits. */
  readonly id: string
  readonly region: string
  readonly accountId: string
  readonly cidrBlock: string
  readonly isDefault: boolean
  readonly tags: readonly Tag[]
  readonly createdAt: number
}

export type Subnet = {
  /** `subnet-` and 17 hex digits. */
  readonly id: string
  readonly vpcId: string
  readonly region: string
  readonly accountId: string
  readonly availabilityZone: string
  readonly cidrBlock: string
  /** The zone's default subnet. */
  readonly isDefault: boolean
  readonly tags: readonly Tag[]
  readonly createdAt: number
}

export type SecurityGroup = {
  /** `sg-` and 17 hex digits. */
  readonly id: string
  readonly vpcId: string
  readonly region: string
  readonly accountId: string
  readonly name: string
  readonly description: string
  readonly tags: readonly Tag[]
  readonly createdAt: number
}
