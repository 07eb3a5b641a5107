// Tasks that nobody may stop for a while, when there are more of them than their deployment is to have: the service says so
// once, and is looked at when the first protection ends. Pure; a part of plan.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html

import type { Service } from '../../domain/service.ts'
import { isProtected } from '../../domain/task.ts'
import { withNotice, withoutNotice } from '../notices.ts'
import { protectedEvent } from './events.ts'
import type { Fleet } from './fleet.ts'
import type { Outcome } from './outcome.ts'

type Held = { readonly fleet: Fleet; readonly until: number }

const heldFleets = (fleets: readonly Fleet[], targetOf: (fleet: Fleet) => number, now: number): readonly Held[] =>
  fleets.flatMap(fleet => {
    const ends = [...fleet.healthy, ...fleet.maturing, ...fleet.pending].flatMap(task =>
      isProtected(task, now) ? [task.protectedUntil ?? now] : [],
    )
    return ends.length > targetOf(fleet) ? [{ fleet, until: Math.min(...ends) }] : []
  })

/** `outcome`: its first deployment is the PRIMARY. */
export const tellProtected = (
  outcome: Outcome,
  service: Service,
  fleets: readonly Fleet[],
  targetOf: (fleet: Fleet) => number,
  now: number,
): { readonly outcome: Outcome; readonly protectedUntil: number | undefined } => {
  const [first, ...others] = heldFleets(fleets, targetOf, now)
  const [primary, ...older] = outcome.deployments
  if (primary === undefined) return { outcome, protectedUntil: undefined }
  if (first === undefined) {
    const deployments = [withoutNotice(primary, 'protected'), ...older]
    return { outcome: { ...outcome, deployments }, protectedUntil: undefined }
  }
  const protectedUntil = others.reduce((earliest, { until }) => Math.min(earliest, until), first.until)
  const { id } = first.fleet.deployment
  const told = withNotice(primary, 'protected', id, now)
  if (told === undefined) return { outcome, protectedUntil }
  const events = [...outcome.events, protectedEvent(service, id)]
  return { outcome: { deployments: [told, ...older], events }, protectedUntil }
}
