// CreateDaemon: the daemon and its first deployment, in one transaction. The same request again answers the daemon that is there;
// another one under its name is refused. After: the deployment loop makes a task for every instance.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateDaemon.html
import { isDeepStrictEqual } from 'node:util'
import type { CreateDaemonRequest, CreateDaemonResponse } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import { daemonArn } from '../../../domain/arn.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import { type Daemon, isDaemon } from '../../../domain/daemon.ts'
import type { Service } from '../../../domain/service.ts'
import type { Transaction } from '../../../store/store.ts'
import { idempotency, services } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { findCluster } from '../find.ts'
import { checkToken, findToken, requestHash, tokenKey } from '../idempotency.ts'
import { invalid } from '../refuse.ts'
import { beginDeployment } from '../service/begin-deployment.ts'
import { validateTags } from '../tag/validate-tags.ts'
import {
  checkDaemonRequest,
  DEFAULT_ROLLOUT,
  daemonDefinition,
  daemonProviders,
  propagated,
  rolloutFrom,
} from './check-daemon.ts'
import { statusOf } from './describe.ts'

const MAX_TOKEN = 36

export const createDaemon: EcsOperation<CreateDaemonRequest, CreateDaemonResponse> =
  ({ store, clock, ids }) =>
  (request, input) => {
    checkName(input.daemonName ?? '')
    checkDaemonRequest(input)
    if (input.clientToken) checkToken(input.clientToken, MAX_TOKEN)
    const tags = validateTags(input.tags)
    const hash = requestHash(input)
    return store.write(tx => {
      const now = clock.now()
      const cluster = findCluster(tx, request, input.clusterArn)
      const key = input.clientToken ? tokenKey('CreateDaemon', cluster.arn, input.clientToken) : undefined
      const earlier = key ? createdUnder(tx, key, hash, now) : undefined
      if (earlier) return answerOf(earlier)
      const definition = daemonDefinition(tx, request, input.daemonTaskDefinitionArn)
      const daemon = newDaemon(request, cluster, definition, { ...input, tags }, now)
      const existing = tx.get(services, daemon.arn)
      if (existing?.status === 'DRAINING') throw invalid('Unable to create a daemon that is still being deleted.')
      if (existing?.status === 'ACTIVE' && isDaemon(existing)) {
        if (!isDeepStrictEqual(askedOf(existing), askedOf(daemon))) throw notIdempotent()
        return answerOf(existing)
      }
      const { arn: deploymentArn } = beginDeployment(tx, daemon, { clock, ids })
      const made = { ...daemon, daemon: { ...daemon.daemon, deploymentArn } }
      tx.put(services, made)
      if (key) tx.put(idempotency, { key, requestHash: hash, resourceArns: [daemon.arn], failures: [], createdAt: now })
      return answerOf(made)
    })
  }

const notIdempotent = () => invalid('Creation of daemon was not idempotent.')

const checkName = (name: string): void => {
  if (!name) throw invalid('Daemon name can not be blank.')
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw invalid('Daemon name contains invalid characters.')
}

// What the token made, as long as it is not deleted.
const createdUnder = (tx: Transaction, key: string, hash: string, now: number): Daemon | undefined => {
  const record = findToken(tx, key, now)
  const found = record?.resourceArns[0] ? tx.get(services, record.resourceArns[0]) : undefined
  if (found?.status !== 'ACTIVE' || !isDaemon(found)) return undefined
  if (record?.requestHash !== hash) throw notIdempotent()
  return found
}

const answerOf = (daemon: Daemon): CreateDaemonResponse => ({
  daemonArn: daemon.arn,
  status: statusOf(daemon),
  createdAt: new Date(daemon.createdAt),
  deploymentArn: daemon.daemon.deploymentArn,
})

const newDaemon = (
  request: RequestContext,
  cluster: Cluster,
  taskDefinitionArn: string,
  input: CreateDaemonRequest & { readonly tags: Service['tags'] },
  now: number,
): Daemon => ({
  arn: daemonArn(request, cluster.name, input.daemonName ?? ''),
  name: input.daemonName ?? '',
  clusterArn: cluster.arn,
  status: 'ACTIVE',
  // The deployment loop's to say: as many as there are instances.
  desiredCount: 0,
  taskDefinitionArn,
  launchType: 'EC2',
  schedulingStrategy: 'DAEMON',
  // Always on, and a task that is well somewhere is no sign that the others are.
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true, resetOnHealthyTask: false } },
  deploymentController: { type: 'ECS' },
  placementConstraints: [],
  placementStrategy: [],
  enableECSManagedTags: input.enableECSManagedTags ?? false,
  propagateTags: propagated(input.propagateTags) ?? 'NONE',
  enableExecuteCommand: false,
  availabilityZoneRebalancing: 'DISABLED',
  daemon: {
    capacityProviders: daemonProviders(request, cluster, input.capacityProviderArns),
    critical: input.critical ?? true,
    ...rolloutFrom(input.deploymentConfiguration, DEFAULT_ROLLOUT),
    deploymentArn: '',
    updatedAt: now,
  },
  createdBy: request.caller.arn,
  createdAt: now,
  tags: input.tags,
})

// All that was asked for, without when, by whom, and what came of it.
const askedOf = ({ daemon, ...row }: Daemon) => {
  const { createdAt: _, createdBy: __, desiredCount: ___, lastCompletedRevisionArn: ____, ...asked } = row
  return { ...asked, daemon: { ...daemon, deploymentArn: '', updatedAt: 0 } }
}
