// The kinds of services that a simulated world has: how each is made, and what it may be made of. Drawn once for each name, as
// most of it cannot be changed by an update.
import type {
  CapacityProviderStrategyItem,
  CreateServiceRequest,
  DeploymentConfiguration,
  NetworkConfiguration,
} from '@aws-sdk/client-ecs'
import type { Chance } from './chance.ts'
import { BALANCED } from './load-balancer.ts'
import type { Network } from './workloads.ts'

export const OWN_PROVIDERS = ['one', 'two'] as const

export const NETWORK: NetworkConfiguration = {
  awsvpcConfiguration: { subnets: ['subnet-0a', 'subnet-0b'], securityGroups: ['sg-0a'] },
}

type Strategy = CapacityProviderStrategyItem[]

const [ONE, TWO] = OWN_PROVIDERS
const FARGATE: readonly Strategy[] = [
  [{ capacityProvider: 'FARGATE', weight: 1 }],
  [
    { capacityProvider: 'FARGATE', weight: 1, base: 1 },
    { capacityProvider: 'FARGATE_SPOT', weight: 2 },
  ],
]
const OWN: readonly Strategy[] = [
  [{ capacityProvider: ONE, weight: 1 }],
  [
    { capacityProvider: ONE, weight: 1 },
    { capacityProvider: TWO, weight: 2 },
  ],
  [
    { capacityProvider: ONE, weight: 1, base: 2 },
    { capacityProvider: TWO, weight: 1 },
  ],
]

export type ServiceKind = {
  readonly name: 'replica' | 'balanced' | 'addressed' | 'fargate' | 'provided' | 'daemon' | 'external'
  readonly network: Network
  /** What only its creation says. */
  readonly made: (chance: Chance) => Partial<CreateServiceRequest>
  /** Strategies that an update may change to. */
  readonly strategies: readonly Strategy[]
  readonly deployments: (chance: Chance, count: number) => DeploymentConfiguration
}

/** With these a deployment of any size can go on, with the tight ones one of two tasks or more. */
const PERCENTAGES: readonly DeploymentConfiguration[] = [
  { maximumPercent: 200, minimumHealthyPercent: 100 },
  { maximumPercent: 100, minimumHealthyPercent: 0 },
  { maximumPercent: 300, minimumHealthyPercent: 90 },
]
const TIGHT: readonly DeploymentConfiguration[] = [{ maximumPercent: 150, minimumHealthyPercent: 50 }]

const ofReplicas = (chance: Chance, count: number): DeploymentConfiguration =>
  chance.pick(count < 2 ? PERCENTAGES : [...PERCENTAGES, ...TIGHT])

const spread = (chance: Chance): Partial<CreateServiceRequest> => ({
  placementStrategy: chance.pick([
    [],
    [{ type: 'spread', field: 'instanceId' }],
    [{ type: 'binpack', field: 'memory' }],
  ]),
})

const REPLICA: ServiceKind = {
  name: 'replica',
  network: 'bridge',
  made: spread,
  strategies: [],
  deployments: ofReplicas,
}

const KINDS: readonly ServiceKind[] = [
  REPLICA,
  REPLICA,
  {
    ...REPLICA,
    name: 'balanced',
    network: 'balanced',
    made: chance => ({ ...spread(chance), loadBalancers: BALANCED }),
  },
  {
    ...REPLICA,
    name: 'addressed',
    network: 'awsvpc',
    made: chance => ({ ...spread(chance), networkConfiguration: NETWORK }),
  },
  {
    ...REPLICA,
    name: 'fargate',
    network: 'awsvpc',
    made: chance => ({
      networkConfiguration: NETWORK,
      ...(chance.happens(0.5)
        ? { launchType: 'FARGATE' as const }
        : { capacityProviderStrategy: chance.pick(FARGATE) }),
    }),
    strategies: FARGATE,
  },
  {
    ...REPLICA,
    name: 'provided',
    made: chance => ({ ...spread(chance), capacityProviderStrategy: chance.pick(OWN) }),
    strategies: OWN,
  },
  {
    ...REPLICA,
    name: 'daemon',
    made: () => ({ schedulingStrategy: 'DAEMON' }),
    deployments: chance => ({ minimumHealthyPercent: chance.pick([0, 50]) }),
  },
  { ...REPLICA, name: 'external', made: chance => ({ ...spread(chance), deploymentController: { type: 'EXTERNAL' } }) },
]

export const drawKind = (chance: Chance): ServiceKind => chance.pick(KINDS)
