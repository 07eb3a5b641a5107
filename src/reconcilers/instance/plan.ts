// Whether a container instance counts as lost, and since when it would. Pure. Silence is counted from when its agent was last
// heard - of a new one whose agent has yet to connect, from its registration - but never from before this server's start: a server
// that was away has heard nobody.
// Before: reconciler.ts, with the row. After: it marks the instance and its tasks.
import type { ContainerInstance } from '../../domain/container-instance.ts'

export type Standing =
  /** Its agent is there. */
  | { readonly is: 'connected' }
  /** Silent, but not for long; lost at `lostAt` if nothing is heard before. */
  | { readonly is: 'silent'; readonly lostAt: number }
  | { readonly is: 'lost' }
  /** Deregistered: nobody asks. */
  | { readonly is: 'gone' }

export const standingOf = (
  instance: Pick<ContainerInstance, 'status' | 'agentConnected' | 'silentSince' | 'registeredAt'> | undefined,
  now: number,
  { startedAt, disconnectedAfterMs }: { readonly startedAt: number; readonly disconnectedAfterMs: number },
): Standing => {
  if (instance === undefined || instance.status === 'INACTIVE') return { is: 'gone' }
  if (instance.agentConnected) return { is: 'connected' }
  const lostAt = Math.max(instance.silentSince ?? instance.registeredAt, startedAt) + disconnectedAfterMs
  return now < lostAt ? { is: 'silent', lostAt } : { is: 'lost' }
}
