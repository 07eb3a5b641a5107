// Host ports in a row for a container's port ranges: the engine gives one port at a time, a task is told a range. As the ECS
// agent does, free ones of the host's ephemeral range are looked up and asked for by number. Between the look and the start
// anybody may take one: then the start fails with the engine's words, and the task's service starts another.
// Before: docker-driver.ts, when a container with ranges is created. After: create-options.ts, which knows numbers only.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html (containerPortRange)
import { readFile } from 'node:fs/promises'
import type { PortRange } from '../../domain/port-range.ts'
import { type ContainerSpec, DriverError } from '../driver.ts'

type Mapping = ContainerSpec['portMappings'][number]
type Ranges = NonNullable<ContainerSpec['portRanges']>

export type HostPorts = {
  /** One mapping a port of `ranges`, held for `name` until it is released. */
  readonly choose: (name: string, ranges: Ranges) => Promise<readonly Mapping[]>
  /** The container runs, so that its ports are seen to be taken; or it never will. */
  readonly release: (name: string) => void
}

/** `taken`: what the host has in use. */
export const openHostPorts = (
  taken: () => Promise<Iterable<number>>,
  ephemeral: () => Promise<PortRange>,
): HostPorts => {
  const held = new Map<string, readonly number[]>()
  return {
    choose: async (name, ranges) => {
      // Held before the look and after it: one that is released meanwhile may not have been seen yet.
      const before = [...held.values()].flat()
      const [within, seen] = await Promise.all([ephemeral(), taken()])
      const used = new Set([...before, ...seen, ...[...held.values()].flat()])
      const mappings = ranges.flatMap(range => {
        const first = freeRun(range.last - range.first + 1, within, used)
        if (first === undefined) {
          const message = `no ${range.last - range.first + 1} free host ports in a row`
          throw new DriverError('CannotCreateContainerError', message)
        }
        return mappingsOf(range, first).map(mapping => {
          used.add(mapping.hostPort)
          return mapping
        })
      })
      held.set(
        name,
        mappings.map(({ hostPort }) => hostPort),
      )
      return mappings
    },
    release: name => held.delete(name),
  }
}

const mappingsOf = ({ first, last, protocol }: Ranges[number], hostFirst: number): readonly Mapping[] =>
  Array.from({ length: last - first + 1 }, (_, at) => ({
    containerPort: first + at,
    hostPort: hostFirst + at,
    protocol,
  }))

/** The first port of the lowest run of so many that are free; undefined when there is none. */
export const freeRun = (length: number, { first, last }: PortRange, used: ReadonlySet<number>): number | undefined => {
  let start = first
  for (let port = first; port <= last; port++) {
    if (used.has(port)) start = port + 1
    else if (port - start + 1 === length) return start
  }
  return undefined
}

/** Where the kernel does not say: Docker's own. */
const DEFAULT_EPHEMERAL: PortRange = { first: 49_153, last: 65_535 }

export const ephemeralPorts = async (): Promise<PortRange> => {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '')
  const [first, last] = text.trim().split(/\s+/).map(Number)
  return first && last ? { first, last } : DEFAULT_EPHEMERAL
}

/** Local ports of all sockets, TCP and UDP. */
export const socketPorts = async (): Promise<readonly number[]> => {
  const files = ['tcp', 'tcp6', 'udp', 'udp6'].map(name => readFile(`/proc/net/${name}`, 'utf8').catch(() => ''))
  return (await Promise.all(files)).flatMap(localPorts)
}

/** Of `/proc/net/tcp` and its sisters: `  0: 0100007F:1F90 00000000:0000 0A ...`, behind a line of headings. */
export const localPorts = (table: string): readonly number[] =>
  [...table.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, port = '']) => Number.parseInt(port, 16))
