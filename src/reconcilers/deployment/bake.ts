// The bake time of a daemon's rollout: once every instance has the new revision, the deployment is not complete before it has stood
// for that long, so that the circuit breaker goes on watching it. Pure; a part of outcome.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-deployments.html
import type { Deployment, Service } from '../../domain/service.ts'

const MINUTE_MS = 60_000

/** `rolledOut`: nothing is left to do but to wait. */
export const bake = (
  deployment: Deployment,
  service: Service,
  rolledOut: boolean,
  now: number,
): { readonly deployment: Deployment; readonly done: boolean } => {
  if (!rolledOut) return { deployment: unbaked(deployment), done: false }
  const endsAt = bakedAt({ ...deployment, bakingSince: deployment.bakingSince ?? now }, service)
  if (endsAt === undefined || endsAt <= now) return { deployment: unbaked(deployment), done: true }
  return {
    deployment: deployment.bakingSince === undefined ? { ...deployment, bakingSince: now } : deployment,
    done: false,
  }
}

/** When its bake time ends; undefined when none runs. */
export const bakedAt = ({ bakingSince }: Deployment, { daemon }: Service): number | undefined =>
  bakingSince === undefined || !daemon ? undefined : bakingSince + daemon.bakeTimeInMinutes * MINUTE_MS

const unbaked = (deployment: Deployment): Deployment => {
  if (deployment.bakingSince === undefined) return deployment
  const { bakingSince: _, ...rest } = deployment
  return rest
}
