// What the loop wants done to a target, as runtime commands. Each may be sent twice: what is there already is refused by HAProxy
// and harmless. Before: reconcilers/load-balancer/. After: data-plane.ts sends them.
import type { TargetGroup } from '../../domain/load-balancing/target-group.ts'
import type { Phase, Server } from '../desired.ts'
import { initialSectionOf, openNameOf, sectionOf } from '../names.ts'
import { entriesOf } from '../render/servers.ts'
import { isSticky, tokenOf, tokensFile } from '../render/stickiness.ts'

export type Change =
  /** Checked, no requests yet. */
  | { readonly do: 'watch'; readonly server: Server }
  /** Gets requests: it passed a check. */
  /** `distrust`: failed for so long that it is unhealthy; from now on its thresholds count. */
  | { readonly do: 'admit' | 'distrust'; readonly server: Server }
  | { readonly do: 'ready' | 'drain' | 'cut'; readonly name: string }
  | { readonly do: 'remove'; readonly name: string; readonly phase: Phase }

// The order matters: `enable server` before `enable health` leaves a server that counts up from -4; `health down` before either is
// ignored; a server enabled with checks is up at once, which is right for one that was checked already.
const checked = (at: string): readonly string[] => [`enable health ${at}`, `enable server ${at}`]

const adding = (group: TargetGroup, server: Server, down: boolean): readonly string[] =>
  entriesOf(group, server).flatMap(({ section, name, words, checked: checks }) => {
    const at = `${section}/${name}`
    return [
      `add server ${at} ${words}`,
      ...(checks ? checked(at) : [`enable server ${at}`]),
      ...(checks && down ? [`set server ${at} health down`] : []),
    ]
  })

const initialGone = (group: TargetGroup, name: string): readonly string[] =>
  gone(`${initialSectionOf(group.arn)}/${name}`)

const gone = (at: string): readonly string[] => [`set server ${at} state maint`, `del server ${at}`]

/** `maps` is where the map files are: HAProxy knows a map by its file. */
export const commandsOf = (group: TargetGroup, change: Change, maps: string): readonly string[] => {
  const map = `${maps}/${tokensFile(group)}`
  const both = (name: string): readonly string[] =>
    [name, openNameOf(name)].map(one => `${sectionOf(group.arn)}/${one}`)
  switch (change.do) {
    case 'watch':
      return adding(group, { ...change.server, phase: 'initial' }, true)
    case 'admit':
    case 'distrust': {
      const { name } = change.server
      return [
        ...adding(group, { ...change.server, phase: 'known' }, change.do === 'distrust'),
        ...(isSticky(group) ? [`add map ${map} ${tokenOf(group, name)} ${name}`] : []),
        ...initialGone(group, name),
      ]
    }
    case 'ready':
      return both(change.name).flatMap(at => [`set server ${at} state ready`, `enable server ${at}`])
    case 'drain':
      return [
        ...(isSticky(group) ? [`del map ${map} ${tokenOf(group, change.name)}`] : []),
        ...both(change.name).map(at => `set server ${at} state drain`),
      ]
    case 'cut':
      return both(change.name).flatMap(at => [`set server ${at} state maint`, `shutdown sessions server ${at}`])
    case 'remove':
      return change.phase === 'initial' ? initialGone(group, change.name) : both(change.name).flatMap(gone)
  }
}

/** In a process that ends: it checks nothing, and what it is told is known already. */
export const commandsOfEnding = (group: TargetGroup, change: Change, maps: string): readonly string[] => {
  if (change.do === 'watch' || change.do === 'distrust' || (change.do === 'remove' && change.phase === 'initial'))
    return []
  if (change.do !== 'admit') return commandsOf(group, change, maps)
  const [entry] = entriesOf(group, { ...change.server, phase: 'known' }).filter(({ checked }) => !checked)
  if (entry === undefined) return []
  const at = `${entry.section}/${change.server.name}`
  return [`add server ${at} ${entry.words.replace(/ backup$/, '')}`, `enable server ${at}`]
}
