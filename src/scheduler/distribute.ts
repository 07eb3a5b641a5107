// How tasks are shared out among the capacity providers of a strategy: base first, then by weight. Pure. Services count what
// they have (`nextProvider`), so that the shares hold across scaling; RunTask has only its own tasks (`providersFor`).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
import type { CapacityProviderStrategyItem } from '@aws-sdk/client-ecs'
import { assert } from '../lib/assert.ts'

type Strategy = readonly CapacityProviderStrategyItem[]

type Share = { readonly name: string; readonly weight: number; readonly base: number }

const sharesOf = (strategy: Strategy): readonly Share[] =>
  strategy.map(({ capacityProvider = '', weight = 0, base = 0 }) => ({
    name: capacityProvider,
    // A provider alone gets everything, whatever its weight.
    weight: strategy.length === 1 ? Math.max(1, weight) : weight,
    base,
  }))

/**
 * The provider for one more task, `counts` being how many each has already. Beyond the base it is the one that is furthest
 * behind its share, so that no provider ever gets more than its share rounded up, and what came out of balance (a provider
 * without room, tasks that ended) is evened out by the tasks that follow.
 */
export const nextProvider = (strategy: Strategy, counts: Readonly<Record<string, number>>): string => {
  const shares = sharesOf(strategy)
  const base = shares.find(share => (counts[share.name] ?? 0) < share.base)
  if (base) return base.name
  const weighted = shares.filter(share => share.weight > 0)
  const beyond = (share: Share): number => (counts[share.name] ?? 0) - share.base
  const tasks = sum(weighted, beyond) + 1
  const weights = sum(weighted, share => share.weight)
  // Whole numbers: the share that is due, less what is there, both times the sum of the weights.
  const behind = (share: Share): number => share.weight * tasks - beyond(share) * weights
  const next = greatest(weighted, behind)
  assert(next, 'a capacity provider strategy without a weight')
  return next.name
}

/**
 * The provider whose task goes first when one is to go: the one that is furthest beyond its share; never one that would fall
 * below its base while another is above it. Undefined when none has a task.
 */
export const surplusProvider = (strategy: Strategy, counts: Readonly<Record<string, number>>): string | undefined => {
  const shares = sharesOf(strategy)
  const having = shares.filter(share => (counts[share.name] ?? 0) > 0)
  const above = having.filter(share => (counts[share.name] ?? 0) > share.base)
  const beyond = (share: Share): number => Math.max(0, (counts[share.name] ?? 0) - share.base)
  const tasks = sum(shares, beyond) - 1
  const weights = sum(shares, share => share.weight)
  const ahead = (share: Share): number => beyond(share) * weights - share.weight * tasks
  return greatest(above.length > 0 ? above : having, ahead)?.name
}

/**
 * The providers of `count` tasks that are started at once: the base first, the rest so that each provider has its share,
 * rounded up or down as `fraction`, drawn from [0, 1), decides. Of many single tasks each provider so gets its share too.
 */
export const providersFor = (strategy: Strategy, count: number, fraction: number): readonly string[] => {
  const shares = sharesOf(strategy)
  const providers: string[] = []
  for (const { name, base } of shares)
    for (let made = 0; made < base && providers.length < count; made++) providers.push(name)
  const weighted = shares.filter(share => share.weight > 0)
  const weights = sum(weighted, share => share.weight)
  const rest = count - providers.length
  for (let at = 0; at < rest; at++) {
    // Points at equal distances over the weights laid end to end, the first one drawn.
    let point = ((at + fraction) * weights) / rest
    const hit = weighted.find(({ weight }) => {
      point -= weight
      return point < 0
    })
    const { name } = hit ?? weighted.at(-1) ?? {}
    assert(name !== undefined, 'a capacity provider strategy without a weight')
    providers.push(name)
  }
  return providers
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)

const greatest = <T>(items: readonly T[], of: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>((best, item) => (best === undefined || of(item) > of(best) ? item : best), undefined)
