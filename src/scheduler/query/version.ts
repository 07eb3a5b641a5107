// Versions of agents, compared number by number: `1.9.0` is below `1.14.5`. What follows a hyphen comes before the release
// itself, as in https://semver.org; what follows a plus sign does not count.

export type Version = { readonly numbers: readonly number[]; readonly preRelease: string }

/** Undefined for what is no version. A `v` before it is allowed. */
export const parseVersion = (text: string): Version | undefined => {
  const match = /^v?(\d{1,9}(?:\.\d{1,9}){0,9})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text)
  if (!match) return undefined
  return { numbers: (match[1] ?? '').split('.').map(Number), preRelease: match[2] ?? '' }
}

/** Below 0, 0 or above 0. Numbers that are left out are 0. */
export const compareVersions = (a: Version, b: Version): number => {
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at++) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.preRelease === b.preRelease) return 0
  if (a.preRelease === '') return 1
  if (b.preRelease === '') return -1
  return comparePreReleases(a.preRelease.split('.'), b.preRelease.split('.'))
}

const comparePreReleases = (a: readonly string[], b: readonly string[]): number => {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = compareIdentifiers(a[at], b[at])
    if (difference !== 0) return difference
  }
  return 0
}

// Numbers by value and below words; fewer identifiers below more.
const compareIdentifiers = (a: string | undefined, b: string | undefined): number => {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const [aNumber, bNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (aNumber && bNumber) return Number(a) - Number(b)
  if (aNumber !== bNumber) return aNumber ? -1 : 1
  return a < b ? -1 : 1
}
