// A container's ports as the server is told them: those of a range as one binding, as its definition has it. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkBinding.html
// Before: report.ts. After: the task's `networkBindings`.
import type { NetworkBinding } from '@aws-sdk/client-ecs'
import type { PayloadContainer } from '../../agent-link/acs.ts'
import { readPortRange, writePortRange } from '../../domain/port-range.ts'
import type { PortBinding } from '../../runtime/driver.ts'

/** The API takes no more. */
const MOST_BINDINGS = 100

export const networkBindings = (
  ports: readonly PortBinding[],
  mappings: PayloadContainer['portMappings'],
): readonly NetworkBinding[] => {
  const left = new Set(ports)
  const ranges = mappings.flatMap(({ containerPortRange, protocol }) => {
    const range = containerPortRange === undefined ? undefined : readPortRange(containerPortRange)
    if (range === undefined) return []
    const mine = ports
      .filter(
        port => port.protocol === protocol && port.containerPort >= range.first && port.containerPort <= range.last,
      )
      .sort((a, b) => a.containerPort - b.containerPort)
    const [first] = mine
    if (first === undefined || !mine.every((port, at) => port.hostPort === first.hostPort + at)) return []
    for (const port of mine) left.delete(port)
    const hostPorts = { first: first.hostPort, last: first.hostPort + mine.length - 1 }
    return [
      {
        bindIP: first.bindIP,
        protocol,
        containerPortRange: writePortRange(range),
        hostPortRange: writePortRange(hostPorts),
      },
    ]
  })
  return [...left, ...ranges].slice(0, MOST_BINDINGS)
}
