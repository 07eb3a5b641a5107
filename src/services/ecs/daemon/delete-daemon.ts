// DeleteDaemon: the daemon is DELETE_IN_PROGRESS from now on and wants no tasks. After: the deployment loop stops what runs; when
// nothing is left the daemon is gone, and the deployment that deleted it is over.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteDaemon.html
import type { DeleteDaemonRequest, DeleteDaemonResponse } from '@aws-sdk/client-ecs'
import { serviceDeploymentArn } from '../../../domain/arn.ts'
import type { Daemon } from '../../../domain/daemon.ts'
import { revisionArnOf, rolloutOf, type ServiceDeployment } from '../../../domain/service-deployment.ts'
import type { Transaction } from '../../../store/store.ts'
import { serviceDeployments, services } from '../../../store/tables.ts'
import type { EcsDependencies, EcsOperation } from '../context.ts'
import { supersede } from '../service/begin-deployment.ts'
import { liveDeployments } from '../service/describe.ts'
import { changedAnswer } from './describe.ts'
import { findActiveDaemon } from './find-daemon.ts'

export const deleteDaemon: EcsOperation<DeleteDaemonRequest, DeleteDaemonResponse> =
  ({ store, clock, ids }) =>
  (request, input) =>
    store.write(tx => {
      const found = findActiveDaemon(tx, request, input.daemonArn ?? '')
      supersede(tx, found, clock.now())
      const { arn: deploymentArn } = beginDeletion(tx, found, { clock, ids })
      const daemon = { ...found.daemon, deploymentArn, updatedAt: clock.now() }
      const deleted: Daemon = { ...found, status: 'DRAINING', desiredCount: 0, daemon }
      tx.put(services, deleted)
      return changedAnswer(deleted)
    })

const beginDeletion = (
  tx: Transaction,
  daemon: Daemon,
  { clock, ids }: Pick<EcsDependencies, 'clock' | 'ids'>,
): ServiceDeployment => {
  const now = clock.now()
  const deletion: ServiceDeployment = {
    arn: serviceDeploymentArn(daemon.arn, ids.nano21()),
    serviceArn: daemon.arn,
    clusterArn: daemon.clusterArn,
    deploymentId: '',
    targetRevisionArn: '',
    sourceRevisionArns: liveDeployments(tx, daemon).map(revisionArnOf),
    status: 'IN_PROGRESS',
    deletes: true,
    deploymentConfiguration: daemon.deploymentConfiguration,
    daemon: rolloutOf(daemon.daemon),
    createdAt: now,
    startedAt: now,
    updatedAt: now,
  }
  tx.put(serviceDeployments, deletion)
  return deletion
}
