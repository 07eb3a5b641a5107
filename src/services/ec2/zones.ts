// The availability zones of a region: three that are always there, and those that its container instances say they are in.
import type { Scope } from '../../domain/arn.ts'
import { ZONE_LETTERS } from '../../domain/network.ts'
import type { Reader } from '../../store/store.ts'
import { clusters, containerInstances } from '../../store/tables.ts'

export const zonesOf = (reader: Reader, { region }: Scope): readonly string[] => {
  const zones = new Set(ZONE_LETTERS.map(letter => `${region}${letter}`))
  for (const cluster of reader.byIndex(clusters, 'activeByRegion', region))
    for (const instance of reader.byIndex(containerInstances, 'byCluster', cluster.arn))
      zones.add(instance.availabilityZone)
  return [...zones].sort()
}

/** AWS's form for its own regions, `use1-az1`; the zone's name itself for one that is not named after its region. */
export const zoneId = (zone: string, region: string): string => {
  const [area = '', direction = '', number = ''] = region.split('-')
  const letter = zone.startsWith(region) ? zone.slice(region.length) : ''
  if (!/^[a-z]$/.test(letter)) return zone
  const short = direction.replace(/^(north|south)(east|west)$/, '$1 $2').split(' ')
  const initials = short.map(word => word.charAt(0)).join('')
  return `${area}${initials}${number}-az${letter.charCodeAt(0) - 96}`
}
