// RegisterContainerInstance: an agent's host joins a cluster, or, with the ARN it got before, tells anew what it has. Then
// its identity, tags and tasks stay. After: the agent asks DiscoverPollEndpoint, then opens its link (dispatcher/).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterContainerInstance.html
//
// The answer holds every attribute of the request, byte for byte: an ECS agent that misses one ends for good.
import type { RegisterContainerInstanceRequest, RegisterContainerInstanceResponse, Resource } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import { clusterArn, containerInstanceArn } from '../../../domain/arn.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import {
  type ContainerInstance,
  FARGATE_CAPACITY_ATTRIBUTE,
  ownEc2InstanceId,
} from '../../../domain/container-instance.ts'
import type { Transaction } from '../../../store/store.ts'
import { clusters, containerInstances } from '../../../store/tables.ts'
import { followAddress } from '../../../store/target-address.ts'
import { isCustom } from '../attribute/custom-attributes.ts'
import { newSettings } from '../cluster/settings.ts'
import type { EcsOperation } from '../context.ts'
import { clusterArnFor, DEFAULT_CLUSTER, findCluster, findContainerInstance } from '../find.ts'
import { invalid } from '../refuse.ts'
import { validateTags } from '../tag/validate-tags.ts'
import { describeContainerInstance } from './describe.ts'
import { type InstanceIdentity, readIdentity } from './instance-identity.ts'

const ZONE = 'ecs.availability-zone'

export const registerContainerInstance: EcsOperation<
  RegisterContainerInstanceRequest,
  RegisterContainerInstanceResponse
> =
  ({ store, clock, ids }) =>
  (request, input) => {
    const tags = validateTags(input.tags)
    const offer = offerOf(request, input)
    return store.write(tx => {
      const now = clock.now()
      const cluster = joinedCluster(tx, request, input.cluster, now)
      const known = input.containerInstanceArn
        ? knownInstance(tx, request, cluster, input.containerInstanceArn)
        : undefined
      const instance = known ? again(known, offer, tags) : first(cluster, request, offer, tags, ids.hex32(), now)
      tx.put(containerInstances, instance)
      followAddress(tx, request.region, instance.ec2InstanceId ?? '')
      return { containerInstance: describeContainerInstance(tx, instance, { tags: true }) }
    })
  }

// An agent that was told no cluster joins `default`, made when there is none: every account has it.
const joinedCluster = (
  tx: Transaction,
  request: RequestContext,
  identifier: string | undefined,
  now: number,
): Cluster => {
  const arn = clusterArn(request, DEFAULT_CLUSTER)
  if (clusterArnFor(request, identifier) === arn && tx.get(clusters, arn)?.status !== 'ACTIVE')
    tx.put(clusters, {
      arn,
      name: DEFAULT_CLUSTER,
      status: 'ACTIVE',
      settings: newSettings(tx, request, undefined),
      capacityProviders: [],
      defaultCapacityProviderStrategy: [],
      tags: [],
      createdAt: now,
    })
  return findCluster(tx, request, identifier)
}

const knownInstance = (tx: Transaction, request: RequestContext, cluster: Cluster, arn: string): ContainerInstance => {
  const known = findContainerInstance(tx, request, cluster, arn)
  if (!known) throw invalid('The referenced container instance was not found.')
  if (known.status === 'INACTIVE') throw invalid('The referenced container instance was deregistered.')
  return known
}

type Offer = Pick<
  ContainerInstance,
  'registered' | 'attributes' | 'availabilityZone' | 'fargateCapacity' | 'versionInfo'
> & { readonly identity: InstanceIdentity }

const offerOf = (request: RequestContext, input: RegisterContainerInstanceRequest): Offer => {
  const identity = readIdentity(input.instanceIdentityDocument)
  const told = input.attributes ?? []
  if (told.some(attribute => !attribute.name)) throw invalid('Attributes need a name.')
  const zoneTold = told.find(attribute => attribute.name === ZONE)?.value
  // A host that says nothing stands in the region's first zone.
  const availabilityZone = zoneTold ?? identity.availabilityZone ?? `${request.region}a`
  const gpus = (input.platformDevices ?? []).flatMap(({ id, type }) => (type === 'GPU' && id ? [id] : []))
  const offered = told.find(attribute => attribute.name === FARGATE_CAPACITY_ATTRIBUTE)
  return {
    registered: {
      cpu: numberOf(input.totalResources, 'CPU'),
      memory: numberOf(input.totalResources, 'MEMORY'),
      ports: portsOf(input.totalResources, 'PORTS'),
      portsUdp: portsOf(input.totalResources, 'PORTS_UDP'),
      ...(gpus.length > 0 ? { gpus } : {}),
    },
    attributes: zoneTold === undefined ? [...told, { name: ZONE, value: availabilityZone }] : told,
    availabilityZone,
    fargateCapacity: offered !== undefined && offered.value !== 'false',
    versionInfo: input.versionInfo ?? {},
    identity,
  }
}

const first = (
  cluster: Cluster,
  request: RequestContext,
  { identity, ...offer }: Offer,
  tags: ContainerInstance['tags'],
  id: string,
  now: number,
): ContainerInstance => ({
  arn: containerInstanceArn(request, cluster.name, id),
  id,
  clusterArn: cluster.arn,
  status: 'ACTIVE',
  ...offer,
  agentConnected: false,
  ec2InstanceId: identity.instanceId ?? ownEc2InstanceId(id),
  tags,
  registeredAt: now,
  version: 1,
  linkSequence: 0,
})

const again = (
  known: ContainerInstance,
  { identity, ...offer }: Offer,
  tags: ContainerInstance['tags'],
): ContainerInstance => {
  const told = new Set(offer.attributes.map(attribute => attribute.name))
  // What says what a host can do comes with every registration; an operator's own need not.
  const kept = known.attributes.filter(one => !told.has(one.name) && isCustom(one))
  return {
    ...known,
    ...offer,
    ec2InstanceId: known.ec2InstanceId ?? identity.instanceId ?? ownEc2InstanceId(known.id),
    attributes: [...kept, ...offer.attributes],
    versionInfo: { ...known.versionInfo, ...offer.versionInfo },
    tags: tags.length > 0 ? tags : known.tags,
    version: known.version + 1,
  }
}

const resource = (resources: readonly Resource[] | undefined, name: string): Resource | undefined =>
  resources?.find(one => one.name === name)

// A number that is 0 is not sent at all.
const numberOf = (resources: readonly Resource[] | undefined, name: string): number => {
  const found = resource(resources, name)
  const value = found?.integerValue || found?.longValue || found?.doubleValue || 0
  if (value < 0) throw invalid(`Resource ${name} must not be negative.`)
  return Math.floor(value)
}

const portsOf = (resources: readonly Resource[] | undefined, name: string): number[] =>
  (resource(resources, name)?.stringSetValue ?? []).map(text => {
    const port = Number(text)
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw invalid(`Resource ${name} has '${text}', which is no port.`)
    return port
  })
