// Ranges of container ports, as task definitions, payloads and network bindings write them: `8080-8090`. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html (containerPortRange)
export type PortRange = { readonly first: number; readonly last: number }

const MAX_PORT = 65_535

/** Undefined for what is no range: its first port is less than its last one, both between 1 and 65535. */
export const readPortRange = (text: string): PortRange | undefined => {
  const [, first, last] = /^([0-9]{1,5})-([0-9]{1,5})$/.exec(text)?.map(Number) ?? []
  if (first === undefined || last === undefined) return undefined
  return first >= 1 && first < last && last <= MAX_PORT ? { first, last } : undefined
}

export const writePortRange = ({ first, last }: PortRange): string => `${first}-${last}`

export const rangesOverlap = (a: PortRange, b: PortRange): boolean => a.first <= b.last && b.first <= a.last
