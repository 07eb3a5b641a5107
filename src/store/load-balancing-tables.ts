// The tables of load balancing: asked for by services/elbv2/, services/acm/ and the targets loop; observed, in the last two,
// by the load-balancer loop.
import { scopeOf } from '../domain/arn.ts'
import { ec2InstanceKey } from '../domain/container-instance.ts'
import type { Certificate } from '../domain/load-balancing/certificate.ts'
import {
  forwardsOf,
  type Listener,
  type LoadBalancer,
  type LoadBalancerState,
  type Rule,
  type RuleState,
} from '../domain/load-balancing/load-balancer.ts'
import { type Target, type TargetGroup, type TargetHealth, targetKey } from '../domain/load-balancing/target-group.ts'
import type { Task } from '../domain/task.ts'
import type { Reader } from './store.ts'
import { defineTable } from './table.ts'

const regionOf = (arn: string): string => scopeOf(arn).region

export const loadBalancers = defineTable<LoadBalancer>({
  name: 'loadBalancers',
  key: row => row.arn,
  indexes: {
    byRegion: row => regionOf(row.arn),
    /** Names are unique within a region. */
    byName: row => `${regionOf(row.arn)}|${row.name}`,
  },
})

export const loadBalancerStates = defineTable<LoadBalancerState>({
  name: 'loadBalancerStates',
  key: row => row.loadBalancerArn,
})

export const listeners = defineTable<Listener>({
  name: 'listeners',
  key: row => row.arn,
  indexes: { byLoadBalancer: row => row.loadBalancerArn },
  sums: {
    /** By certificate: how many listeners of which load balancer have it. */
    byCertificate: (row, add) => {
      for (const certificate of row.certificateArns) add(certificate, row.loadBalancerArn, 1)
    },
  },
})

/** Keyed so that key order within a listener is the order in which rules are looked at. */
export const ruleKey = ({ listenerArn, priority }: Pick<Rule, 'listenerArn' | 'priority'>): string =>
  `${listenerArn}|${priority.toString().padStart(5, '0')}`

export const rules = defineTable<Rule>({
  name: 'rules',
  key: ruleKey,
  indexes: {
    byArn: row => row.arn,
    byListener: row => row.listenerArn,
    byLoadBalancer: row => row.loadBalancerArn,
  },
  sums: {
    /** By target group: how many of which load balancer's rules forward to it. A group that has none is not checked. */
    byTargetGroup: (row, add) => {
      for (const arn of new Set(forwardsOf(row).map(({ targetGroupArn }) => targetGroupArn)))
        add(arn, row.loadBalancerArn, 1)
    },
    /** The other way round, by load balancer: how many of its rules forward to which target group. */
    targetGroupsOf: (row, add) => {
      for (const arn of new Set(forwardsOf(row).map(({ targetGroupArn }) => targetGroupArn)))
        add(row.loadBalancerArn, arn, 1)
    },
  },
})

export const ruleStates = defineTable<RuleState>({ name: 'ruleStates', key: row => row.ruleArn })

export const targetGroups = defineTable<TargetGroup>({
  name: 'targetGroups',
  key: row => row.arn,
  indexes: {
    byRegion: row => regionOf(row.arn),
    byName: row => `${regionOf(row.arn)}|${row.name}`,
  },
})

export const targets = defineTable<Target>({
  name: 'targets',
  key: targetKey,
  indexes: {
    byTargetGroup: row => row.targetGroupArn,
    byTask: row => row.taskArn,
    /** Those of type instance: they move when their host's address does. */
    byEc2InstanceId: row =>
      row.id.startsWith('i-') ? ec2InstanceKey(regionOf(row.targetGroupArn), row.id) : undefined,
  },
})

/** Load balancers send it requests, or are about to: it is not to be stopped before they stop. */
export const hasTargets = (reader: Reader, { arn }: Pick<Task, 'arn'>): boolean =>
  reader.count(targets, 'byTask', arn) > 0

export const targetHealth = defineTable<TargetHealth>({
  name: 'targetHealth',
  key: targetKey,
  indexes: { byTargetGroup: row => row.targetGroupArn },
})

export const certificates = defineTable<Certificate>({
  name: 'certificates',
  key: row => row.arn,
  indexes: { byRegion: row => regionOf(row.arn) },
})

export const loadBalancingTables = [
  loadBalancers,
  loadBalancerStates,
  listeners,
  rules,
  ruleStates,
  targetGroups,
  targets,
  targetHealth,
  certificates,
] as const
