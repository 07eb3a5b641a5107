// Begins a deployment of a service, in the caller's transaction: its row, its service revision and its service deployment
// appear together, so that a client which looks for one by another's number finds it at once. What was in progress before is
// asked to stop. Before: CreateService and UpdateService. After: the deployment loop.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
import type { Deployment, Service } from '../../../domain/service.ts'
import {
  deploymentIdOf,
  newServiceDeployment,
  revisionArnOf,
  revisionOf,
  type ServiceDeployment,
} from '../../../domain/service-deployment.ts'
import type { Transaction } from '../../../store/store.ts'
import { deployments, serviceDeployments, serviceRevisions } from '../../../store/tables.ts'
import type { EcsDependencies } from '../context.ts'
import { liveDeployments } from './describe.ts'
import { newDeployment } from './new-deployment.ts'

/** `desiredCount`: what the deployment's first answer shows. */
export const beginDeployment = (
  tx: Transaction,
  service: Service,
  { clock, ids }: Pick<EcsDependencies, 'clock' | 'ids'>,
  desiredCount?: number,
): ServiceDeployment => {
  const now = clock.now()
  const before = liveDeployments(tx, service)
  for (const deployment of before) {
    if (deployment.status === 'PRIMARY') tx.put(deployments, { ...deployment, status: 'ACTIVE', updatedAt: now })
    keepRevision(tx, deployment)
  }
  supersede(tx, service, now)
  const made = newDeployment(service, ids, now, lastTargets(tx, service))
  const deployment = { ...made, ...(desiredCount === undefined ? {} : { desiredCount }) }
  tx.put(deployments, deployment)
  keepRevision(tx, deployment)
  const sources = before.map(revisionArnOf)
  const begun = newServiceDeployment({ service, deployment, sources, id: ids.nano21(), now })
  tx.put(serviceDeployments, begun)
  return begun
}

// Of the revision that was last rolled out to the end: the traffic goes there.
const lastTargets = (tx: Transaction, { lastCompletedRevisionArn: arn }: Service): Deployment['loadBalancers'] =>
  arn === undefined
    ? undefined
    : (tx.get(deployments, deploymentIdOf(arn)) ?? tx.get(serviceRevisions, arn))?.loadBalancers

// Deployments that an earlier version of Stowage began have none.
const keepRevision = (tx: Transaction, deployment: Deployment): void => {
  const revision = revisionOf(deployment)
  if (!tx.get(serviceRevisions, revision.arn)) tx.put(serviceRevisions, revision)
}

/** A rollback that a newer deployment cuts short has failed; the loop makes STOPPED of the rest. */
export const supersede = (tx: Transaction, service: Service, now: number): void => {
  for (const open of [...tx.byIndex(serviceDeployments, 'openByService', service.arn)]) {
    const rollsBack = open.status === 'ROLLBACK_IN_PROGRESS' || open.status === 'ROLLBACK_REQUESTED'
    const statusReason = 'A newer deployment of the service was started.'
    tx.put(
      serviceDeployments,
      rollsBack
        ? { ...open, status: 'ROLLBACK_FAILED', statusReason, finishedAt: now, updatedAt: now }
        : { ...open, status: 'STOP_REQUESTED', statusReason, updatedAt: now },
    )
  }
}
