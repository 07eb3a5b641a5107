// Service events that are told once: the deployment's row remembers what was said, so that the same is not said again until
// its cause has gone away, or for six hours. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html
import type { Deployment, NoticeKind } from '../domain/service.ts'

/** AWS: equal messages are held back this long. Steady state is told again this often. */
export const REPEAT_EVENT_AFTER_MS = 6 * 3_600_000

/** The deployment that has told it, or undefined when it has been told: there is nothing to say. */
export const withNotice = (
  deployment: Deployment,
  kind: NoticeKind,
  cause: string,
  now: number,
): Deployment | undefined => {
  const told = deployment.notices?.[kind]
  if (told !== undefined && told.cause === cause && now - told.at < REPEAT_EVENT_AFTER_MS) return undefined
  return { ...deployment, notices: { ...deployment.notices, [kind]: { cause, at: now } } }
}

/** The deployment with the notice taken back: its cause has gone away. The same object when there was none. */
export const withoutNotice = (deployment: Deployment, kind: NoticeKind): Deployment => {
  if (deployment.notices?.[kind] === undefined) return deployment
  const { [kind]: _, ...left } = deployment.notices
  return { ...deployment, notices: left }
}
