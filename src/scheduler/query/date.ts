// The dates that `registeredAt` is compared with. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html

/**
 * Seconds since 1970 of `2018-06-18T22:28:28+00:00`, `2018-06-18T22:28:28Z`, `2018-06-18T22:28:28` (UTC) or `2018-06-18` (when
 * that day began, UTC); undefined for anything else, days that no calendar has included.
 */
export const parseDate = (text: string): number | undefined => {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(part => Number(part ?? 0))
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // A 30th of February or a 25th hour would have run over into what follows it.
  const written = `${match[1]}-${match[2]}-${match[3]}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}`
  if (Number.isNaN(local.getTime()) || local.toISOString().slice(0, 19) !== written) return undefined
  const zone = zoneSeconds(match[7] ?? 'Z')
  return zone === undefined ? undefined : local.getTime() / 1000 - zone
}

const zoneSeconds = (zone: string): number | undefined => {
  if (zone === 'Z') return 0
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number)
  // ISO 8601 knows no zone farther than this from UTC.
  if (hours > 14 || minutes > 59) return undefined
  return (zone[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60)
}
