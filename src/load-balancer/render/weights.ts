// Weighted forwards: each request draws a number below the sum of the weights, and meets the first target group whose running
// sum is above it. Sums are lines of maps, so that a new weight is one runtime command for the next request, no reload.
// Before: http-frontend.ts, tcp-frontend.ts. After: the data plane, which compares `weightMaps` with what HAProxy has.
import { forwardsOf, type Rule } from '../../domain/load-balancing/load-balancer.ts'
import { idOf, sectionOf } from '../names.ts'
import type { Files } from './files.ts'

/** AWS's limit of target groups in an action. */
const MOST_GROUPS = 5

export const isWeighted = (rule: Rule): boolean => forwardsOf(rule).length > 1

const sumsOf = (rule: Rule): readonly number[] => {
  let sum = 0
  return forwardsOf(rule).map(({ weight }) => {
    sum += weight
    return sum
  })
}

const SUM = 'weights-sum.map'
const running = (place: number): string => `weights-${place}.map`
const MEMBERS = 'weights-members.map'

/** `rule|target group` -> weight: whether a cookie may still choose that group. */
const memberKey = (rule: Rule, targetGroupArn: string): string => `${idOf(rule.arn)}|${sectionOf(targetGroupArn)}`

export type WeightMaps = Readonly<Record<string, ReadonlyMap<string, string>>>

/** By file name: what the maps of weights hold. */
export const weightMapsOf = (rules: readonly Rule[]): WeightMaps => {
  const maps: Record<string, Map<string, string>> = { [SUM]: new Map(), [MEMBERS]: new Map() }
  for (const rule of rules.filter(isWeighted)) {
    const sums = sumsOf(rule)
    maps[SUM]?.set(idOf(rule.arn), String(sums.at(-1) ?? 0))
    sums.forEach((sum, place) => {
      const map = maps[running(place)] ?? new Map<string, string>()
      maps[running(place)] = map
      map.set(idOf(rule.arn), String(sum))
    })
    for (const { targetGroupArn, weight } of forwardsOf(rule))
      maps[MEMBERS]?.set(memberKey(rule, targetGroupArn), String(weight))
  }
  return maps
}

const groupsFile = (place: number): string => `groups-${place}.map`

/** Of all rules: the lines of any frontend find their rule in the same maps. */
export const addWeightFiles = (rules: readonly Rule[], files: Files): void => {
  const weighted = rules.filter(isWeighted)
  if (weighted.length === 0) return
  for (const [name, entries] of Object.entries(weightMapsOf(rules))) files.map(name, entries, false)
  for (let place = 0; place < mostGroupsOf(weighted); place++) {
    const here = weighted.flatMap(rule => {
      const forward = forwardsOf(rule)[place]
      return forward === undefined ? [] : [[idOf(rule.arn), sectionOf(forward.targetGroupArn)] as const]
    })
    files.map(groupsFile(place), here)
  }
}

const mostGroupsOf = (weighted: readonly Rule[]): number =>
  Math.min(MOST_GROUPS, Math.max(...weighted.map(rule => forwardsOf(rule).length)))

/** Directives, each to be put behind `http-request` or `tcp-request content`: from `txn.r`, the rule, `txn.b`, the section. */
export const drawDirectives = (rules: readonly Rule[], files: Files, mode: 'http' | 'tcp'): readonly string[] => {
  const weighted = rules.filter(isWeighted)
  if (weighted.length === 0) return []
  const undecided = '!{ var(txn.b) -m found } { var(txn.s) -m int gt 0 } { var(txn.x),sub(txn.c) lt 0 }'
  const draws = Array.from({ length: mostGroupsOf(weighted) }, (_, place) => [
    `set-var(txn.c) var(txn.r),map_str_int(${files.path(running(place))})`,
    `set-var(txn.b) var(txn.r),map_str(${files.path(groupsFile(place))}) if ${undecided}`,
  ])
  return [
    `set-var(txn.s) var(txn.r),map_str_int(${files.path(SUM)})`,
    ...(mode === 'http' ? stickyDirectives(weighted, files.path(MEMBERS)) : []),
    `set-var(txn.x) rand,mod(txn.s) if { var(txn.s) -m int gt 0 }`,
    ...draws.flat(),
  ]
}

export const stickySecondsOf = (rule: Rule): number | undefined => {
  const config = rule.actions.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroupStickinessConfig
  return config?.Enabled === true ? (config.DurationSeconds ?? 3_600) : undefined
}

// The cookie names the section and when it ends; a section that is not the rule's, or has no weight, is drawn anew.
const stickyDirectives = (weighted: readonly Rule[], members: string): readonly string[] => {
  const sticky = weighted.filter(rule => stickySecondsOf(rule) !== undefined)
  if (sticky.length === 0) return []
  const ofThese = `{ var(txn.r) -m str ${sticky.map(rule => idOf(rule.arn)).join(' ')} }`
  return [
    `set-var(txn.now) date`,
    `set-var(txn.tg) req.cook(AWSALBTG),field(1,~) if ${ofThese} { req.cook(AWSALBTG),field(2,~),sub(txn.now) gt 0 }`,
    `set-var-fmt(txn.m) "%[var(txn.r)]|%[var(txn.tg)]" if { var(txn.tg) -m found }`,
    `set-var(txn.b) var(txn.tg) if { var(txn.m),map_str_int(${members}) gt 0 }`,
  ]
}
