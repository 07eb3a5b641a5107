// UpdateDaemon: changes what a daemon is to be, and always begins a deployment. What the request leaves out stays as it is. After:
// the deployment loop replaces its tasks, as many at a time as drainPercent says.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateDaemon.html
import type { UpdateDaemonRequest, UpdateDaemonResponse } from '@aws-sdk/client-ecs'
import type { Daemon } from '../../../domain/daemon.ts'
import { services } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { beginDeployment } from '../service/begin-deployment.ts'
import { checkDaemonRequest, daemonDefinition, daemonProviders, propagated, rolloutFrom } from './check-daemon.ts'
import { changedAnswer } from './describe.ts'
import { findActiveDaemon } from './find-daemon.ts'

export const updateDaemon: EcsOperation<UpdateDaemonRequest, UpdateDaemonResponse> =
  ({ store, clock, ids }) =>
  (request, input) => {
    checkDaemonRequest(input)
    return store.write(tx => {
      const found = findActiveDaemon(tx, request, input.daemonArn ?? '')
      const cluster = findCluster(tx, request, found.clusterArn)
      const updated: Daemon = {
        ...found,
        taskDefinitionArn: daemonDefinition(tx, request, input.daemonTaskDefinitionArn),
        propagateTags: propagated(input.propagateTags) ?? found.propagateTags,
        enableECSManagedTags: input.enableECSManagedTags ?? found.enableECSManagedTags,
        daemon: {
          ...found.daemon,
          capacityProviders: daemonProviders(request, cluster, input.capacityProviderArns),
          critical: input.critical ?? found.daemon.critical,
          ...rolloutFrom(input.deploymentConfiguration, found.daemon),
          updatedAt: clock.now(),
        },
      }
      const { arn: deploymentArn } = beginDeployment(tx, updated, { clock, ids })
      const made = { ...updated, daemon: { ...updated.daemon, deploymentArn } }
      tx.put(services, made)
      return changedAnswer(made)
    })
  }
