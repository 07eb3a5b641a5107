// CreateLoadBalancer: an application or network load balancer, `provisioning` until the load-balancer loop has its ports.
// The same call again gives the same load balancer; the name with other settings is refused.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
import type { CreateLoadBalancerInput, CreateLoadBalancerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../../../domain/arn.ts'
import type { LoadBalancer } from '../../../domain/load-balancing/load-balancer.ts'
import type { Ids } from '../../../lib/ids.ts'
import { ensureDefaultNetwork } from '../../../store/default-network.ts'
import { loadBalancers } from '../../../store/load-balancing-tables.ts'
import type { Reader, Transaction } from '../../../store/store.ts'
import { newLoadBalancerArn } from '../arns.ts'
import { type Elbv2Operation, invalid, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { isInScope, loadBalancerNamed } from '../find.ts'
import { checkLimit, LIMITS } from '../limits.ts'
import { checkName } from '../names.ts'
import { checkTags } from '../tag/tags.ts'
import { describeLoadBalancer } from './describe.ts'
import { askedSubnets, checkSecurityGroups, defaultSecurityGroups, placeIn } from './network.ts'

export const createLoadBalancer: Elbv2Operation<CreateLoadBalancerInput, CreateLoadBalancerOutput> =
  ({ store, clock, ids }) =>
  (request, input) => {
    const tags = checkTags(input.Tags)
    const asked = checked(input)
    return store.write(tx => {
      // Whoever asked for nothing of EC2 yet has no network; what it names by id is not there then either.
      ensureDefaultNetwork(tx, request, ids, clock.now())
      const settings = settingsOf(tx, request, asked, input)
      const known = loadBalancerNamed(tx, request, asked.name)
      if (known && !isSame(known, settings))
        throw refusal(
          'DuplicateLoadBalancerName',
          `A load balancer with the same name '${asked.name}' exists, but with different settings`,
        )
      if (!known) checkRoom(tx, request, asked.type)
      const row = known ?? {
        ...settings,
        arn: newLoadBalancerArn(request, asked.type, asked.name, ids),
        dnsName: dnsNameOf(asked, ids),
        attributes: {},
        tags,
        createdAt: clock.now(),
      }
      if (!known) tx.put(loadBalancers, row)
      return { LoadBalancers: [describeLoadBalancer(tx, row)] }
    })
  }

type Settings = Omit<LoadBalancer, 'arn' | 'dnsName' | 'attributes' | 'tags' | 'createdAt'>
type Asked = Pick<Settings, 'name' | 'type' | 'scheme' | 'ipAddressType'>

const checked = (input: CreateLoadBalancerInput): Asked => {
  checkBuilt('CreateLoadBalancerInput', input)
  const name = checkName('The load balancer name', input.Name)
  if (/^internal-/i.test(name)) throw invalid(`The load balancer name '${name}' cannot begin with 'internal-'`)
  const type = input.Type === 'network' ? 'network' : 'application'
  return { name, type, scheme: input.Scheme ?? 'internet-facing', ipAddressType: 'ipv4' }
}

const settingsOf = (reader: Reader, scope: Scope, asked: Asked, input: CreateLoadBalancerInput): Settings => {
  const place = placeIn(reader, scope, asked.type, askedSubnets(input))
  const named = checkSecurityGroups(reader, place.vpcId, input.SecurityGroups ?? [])
  const securityGroups = named.length > 0 ? named : defaultSecurityGroups(reader, place.vpcId, asked.type)
  return { ...asked, ...place, securityGroups }
}

const isSame = (known: LoadBalancer, settings: Settings): boolean => {
  const of = ({ type, scheme, ipAddressType, vpcId, zones, securityGroups }: Settings): string =>
    JSON.stringify([type, scheme, ipAddressType, vpcId, zones, [...securityGroups].sort()])
  return of(known) === of(settings)
}

const checkRoom = (tx: Transaction, scope: Scope, type: LoadBalancer['type']): void => {
  const own = [...tx.byIndex(loadBalancers, 'byRegion', scope.region)].filter(
    row => row.type === type && isInScope(row, scope),
  )
  checkLimit('TooManyLoadBalancers', 'load balancers', own.length + 1, LIMITS.loadBalancers)
}

/** `web-1234567890.elb.localhost`: browsers and curl take whatever ends in `.localhost` to the loopback. */
const dnsNameOf = ({ name, scheme }: Asked, ids: Ids): string =>
  `${scheme === 'internal' ? 'internal-' : ''}${name.toLowerCase()}-${ids.digits19().slice(-10)}.elb.localhost`
