// A gateway on a real socket, for tests: made-up operations of real services, one known key pair.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, systemClock } from '../lib/clock.ts'
import { seededIds } from '../lib/ids.ts'
import { type Log, silentLog } from '../lib/log.ts'
import ecsConstraints from '../services/ecs/model.generated.json' with { type: 'json' }
import { stsService } from '../services/sts/service.ts'
import type { CredentialLookup } from './authenticate.ts'
import { createGateway, type Gateway, type GatewayLimits } from './gateway.ts'
import type { AwsService, OperationTable } from './operation.ts'

export const TEST_KEYS = { accessKeyId: 'AKIATESTTESTTESTTEST', secretAccessKey: 'test-secret' }
export const TEST_ACCOUNT = '000000000000'

export const testLookup: CredentialLookup = id =>
  id === TEST_KEYS.accessKeyId
    ? {
        secretAccessKey: TEST_KEYS.secretAccessKey,
        caller: { accountId: TEST_ACCOUNT, arn: `arn:aws:iam::${TEST_ACCOUNT}:root`, userId: TEST_ACCOUNT },
      }
    : undefined

export const ecsWith = (operations: OperationTable): AwsService => ({
  name: 'ecs',
  protocol: 'awsJson1_1',
  target: 'AmazonEC2ContainerServiceV20141113',
  schemas: () => import('@aws-sdk/client-ecs'),
  constraints: ecsConstraints,
  operations,
})

export type TestGateway = {
  readonly gateway: Gateway
  readonly endpoint: string
  readonly port: number
  readonly stop: () => Promise<void>
}

export const startTestGateway = async (options: {
  readonly operations?: OperationTable
  readonly services?: readonly AwsService[]
  readonly lookup?: CredentialLookup
  readonly durable?: () => Promise<void>
  readonly clock?: Clock
  readonly log?: Log
  readonly limits?: Partial<GatewayLimits>
  readonly throttle?: boolean
}): Promise<TestGateway> => {
  const gateway = createGateway({
    services: options.services ?? [ecsWith(options.operations ?? {}), stsService()],
    lookup: options.lookup ?? testLookup,
    accountId: TEST_ACCOUNT,
    clock: options.clock ?? systemClock(),
    ids: seededIds(7),
    log: options.log ?? silentLog,
    durable: options.durable ?? (async () => {}),
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.throttle === undefined ? {} : { throttle: options.throttle }),
  })
  const server = createServer(gateway.handle)
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise(closed => server.close(closed))
  }
  return { gateway, endpoint: `http://127.0.0.1:${port}`, port, stop }
}
