// Elastic Load Balancing for tests: the real operations over a real store in memory, a clock that stands still, one caller,
// and what most tests begin with.
import assert from 'node:assert/strict'
import type {
  Action,
  CreateListenerInput,
  CreateLoadBalancerInput,
  CreateTargetGroupInput,
  Listener,
  LoadBalancer,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { RequestContext } from '../../aws/operation.ts'
import type { ContainerInstance } from '../../domain/container-instance.ts'
import type { Certificate } from '../../domain/load-balancing/certificate.ts'
import { type TestClock, testClock } from '../../lib/clock.ts'
import { seededIds } from '../../lib/ids.ts'
import { ensureDefaultNetwork } from '../../store/default-network.ts'
import { certificates } from '../../store/load-balancing-tables.ts'
import { subnets } from '../../store/network-tables.ts'
import type { Store } from '../../store/store.ts'
import { containerInstances } from '../../store/tables.ts'
import { testStore } from '../../store/test-store.ts'
import type { Elbv2Dependencies, Elbv2Operation } from './context.ts'
import { createListener } from './listener/create-listener.ts'
import { createLoadBalancer } from './load-balancer/create-load-balancer.ts'
import { createTargetGroup } from './target-group/create-target-group.ts'

export const SCOPE = { region: 'us-east-1', accountId: '123456789012' }

const REQUEST: RequestContext = {
  ...SCOPE,
  caller: { accountId: SCOPE.accountId, arn: 'arn:aws:iam::123456789012:root', userId: 'root', accessKeyId: 'AKIA' },
  requestId: '00000000-0000-4000-8000-000000000001',
  endpoint: 'http://127.0.0.1:7700',
}

type Call = <Input, Output>(
  operation: Elbv2Operation<Input, Output>,
  input: Input,
  request?: Partial<RequestContext>,
) => Promise<Output>

export type TestElbv2 = {
  readonly store: Store
  readonly clock: TestClock
  readonly call: Call
  /** Rejects with this code (AWS's, of the wire) and text. */
  readonly refused: <Input, Output>(
    operation: Elbv2Operation<Input, Output>,
    input: Input,
    code: string,
    message?: RegExp | string,
  ) => Promise<void>
  /** Of the default VPC, by zone letter. */
  readonly vpcId: string
  readonly subnetIds: readonly string[]
  readonly loadBalancer: (
    change?: Partial<CreateLoadBalancerInput>,
  ) => Promise<LoadBalancer & { LoadBalancerArn: string }>
  readonly targetGroup: (change?: Partial<CreateTargetGroupInput>) => Promise<TargetGroup & { TargetGroupArn: string }>
  readonly listener: (
    loadBalancerArn: string,
    change?: Partial<CreateListenerInput>,
  ) => Promise<Listener & { ListenerArn: string }>
  readonly certificate: (id: string) => Promise<string>
  /** A host with this instance id and address, if its agent told one. */
  readonly instance: (ec2InstanceId: string, address?: string) => Promise<void>
}

export const OK: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }
export const forward = (arn: string): Action => ({ Type: 'forward', TargetGroupArn: arn })

export const testElbv2 = async (): Promise<TestElbv2> => {
  const store = await testStore()
  const clock = testClock()
  const dependencies: Elbv2Dependencies = { store, clock, ids: seededIds(1) }
  const call: Call = async (operation, input, request = {}) =>
    operation(dependencies)({ ...REQUEST, ...request }, input)
  const vpc = await store.write(tx => ensureDefaultNetwork(tx, SCOPE, dependencies.ids, clock.now()))
  const own = [...store.byIndex(subnets, 'byVpc', vpc.id)]
  const subnetIds = own.sort((a, b) => (a.availabilityZone < b.availabilityZone ? -1 : 1)).map(({ id }) => id)
  return {
    ...{ store, clock, call, vpcId: vpc.id, subnetIds },
    refused: async (operation, input, code, message = /./) => {
      const name = code === 'ValidationError' ? code : `${code}Exception`
      await assert.rejects(call(operation, input), { code: name, message })
    },
    loadBalancer: async change => {
      const answer = await call(createLoadBalancer, { Name: 'web', Subnets: [...subnetIds], ...change })
      return withMember(answer.LoadBalancers, 'LoadBalancerArn')
    },
    targetGroup: async change => {
      const input: CreateTargetGroupInput = { Name: 'blue', Protocol: 'HTTP', Port: 80, VpcId: vpc.id, ...change }
      return withMember((await call(createTargetGroup, input)).TargetGroups, 'TargetGroupArn')
    },
    listener: async (LoadBalancerArn, change) => {
      const input: CreateListenerInput = {
        LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [OK],
        ...change,
      }
      return withMember((await call(createListener, input)).Listeners, 'ListenerArn')
    },
    certificate: async id => {
      const row = certificateNamed(id)
      await store.write(tx => tx.put(certificates, row))
      return row.arn
    },
    instance: (ec2InstanceId, address) =>
      store.write(tx => tx.put(containerInstances, instanceAt(ec2InstanceId, address))),
  }
}

const withMember = <Row, Name extends keyof Row>(rows: readonly Row[] | undefined, name: Name) => {
  const [row] = rows ?? []
  assert(typeof row?.[name] === 'string')
  return row as Row & Record<Name, string>
}

const certificateNamed = (id: string): Certificate => ({
  arn: `arn:aws:acm:${SCOPE.region}:${SCOPE.accountId}:certificate/${id}`,
  certificatePem: '',
  privateKeyPem: '',
  domainNames: ['example.com'],
  notBefore: 0,
  notAfter: 1,
  tags: [],
  importedAt: 0,
  createdAt: 0,
})

const instanceAt = (ec2InstanceId: string, address: string | undefined): ContainerInstance => ({
  arn: `arn:aws:ecs:${SCOPE.region}:${SCOPE.accountId}:container-instance/default/${ec2InstanceId}`,
  id: ec2InstanceId,
  clusterArn: `arn:aws:ecs:${SCOPE.region}:${SCOPE.accountId}:cluster/default`,
  status: 'ACTIVE',
  registered: { cpu: 1, memory: 1, ports: [], portsUdp: [] },
  attributes: address === undefined ? [] : [{ name: 'stowage.address', value: address }],
  availabilityZone: 'us-east-1a',
  fargateCapacity: false,
  agentConnected: true,
  versionInfo: {},
  ec2InstanceId,
  tags: [],
  registeredAt: 1,
  version: 1,
  linkSequence: 0,
})
