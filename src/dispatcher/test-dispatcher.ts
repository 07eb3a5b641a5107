// A dispatcher for tests, behind a real HTTP server, and an agent's side of its links as a real websocket client.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import type { PayloadMessage, ServerMessage } from '../agent-link/acs.ts'
import type { TelemetryServerMessage } from '../agent-link/tcs.ts'
import { containerInstanceArn, taskDefinitionArn } from '../domain/arn.ts'
import type { ContainerInstance } from '../domain/container-instance.ts'
import { newTask } from '../domain/new-task.ts'
import type { Task } from '../domain/task.ts'
import type { TaskDefinition } from '../domain/task-definition.ts'
import { type TestClock, testClock } from '../lib/clock.ts'
import { type Ids, seededIds } from '../lib/ids.ts'
import { silentLog } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import { containerInstances, taskDefinitions, tasks } from '../store/tables.ts'
import { testStore } from '../store/test-store.ts'
import type { DispatcherSettings } from './settings.ts'
import { type Dispatcher, startDispatcher } from './start.ts'

export const SCOPE = { region: 'us-east-1', accountId: '000000000000' }
export const CLUSTER = 'arn:aws:ecs:us-east-1:000000000000:cluster/default'
export const INSTANCE = containerInstanceArn(SCOPE, 'default', '4f000000000000000000000000000001')

export const testInstance = (change: Partial<ContainerInstance> = {}): ContainerInstance => ({
  arn: INSTANCE,
  id: INSTANCE.slice(-32),
  clusterArn: CLUSTER,
  status: 'ACTIVE',
  registered: { cpu: 2048, memory: 4096, ports: [], portsUdp: [] },
  attributes: [],
  availabilityZone: 'us-east-1a',
  fargateCapacity: false,
  agentConnected: false,
  versionInfo: {},
  tags: [],
  registeredAt: 0,
  version: 1,
  linkSequence: 0,
  ...change,
})

export const testDefinition = (change: Partial<TaskDefinition> = {}): TaskDefinition => ({
  arn: taskDefinitionArn(SCOPE, 'web', 3),
  family: 'web',
  revision: 3,
  status: 'ACTIVE',
  containerDefinitions: [
    {
      name: 'app',
      image: 'busybox:latest',
      command: ['sleep', '300'],
      memory: 64,
      healthCheck: { command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3 },
    },
  ],
  volumes: [],
  placementConstraints: [],
  requiresAttributes: [],
  compatibilities: ['EC2'],
  tags: [],
  registeredAt: 0,
  registeredBy: 'arn:aws:iam::000000000000:root',
  ...change,
})

/** Task number `n`, PENDING on INSTANCE. */
export const testTask = (n: number, change: Partial<Task> = {}): Task => ({
  ...newTask({
    definition: testDefinition(),
    clusterArn: CLUSTER,
    id: n.toString(16).padStart(32, '0'),
    containerUuids: ['00000000-0000-4000-8000-000000000000'],
    group: 'family:web',
    launchType: 'EC2',
    tags: [],
    placementConstraints: [],
    placementStrategy: [],
    host: { containerInstanceArn: INSTANCE, availabilityZone: 'us-east-1a' },
    now: 0,
  }),
  ...change,
})

export type TestDispatcher = {
  readonly store: Store
  readonly clock: TestClock
  readonly dispatcher: Dispatcher
  readonly connect: (query?: Record<string, string>) => Promise<TestAgent>
  readonly connectTelemetry: (query?: Record<string, string>) => Promise<TestAgent>
  readonly putTask: (task: Task) => Promise<void>
  readonly instance: () => ContainerInstance | undefined
}

/** With INSTANCE and the definition of `testTask` in its store, and closed when the test ends. */
export const testDispatcher = async (
  t: TestContext,
  input: { readonly settings?: Partial<DispatcherSettings>; readonly store?: Store; readonly ids?: Ids } = {},
): Promise<TestDispatcher> => {
  const store = input.store ?? (await testStore())
  if (!store.get(containerInstances, INSTANCE)) {
    await store.write(tx => {
      tx.put(containerInstances, testInstance())
      tx.put(taskDefinitions, testDefinition())
    })
  }
  const clock = testClock()
  // Virtual time flies faster than a real socket answers probes.
  const settings = { probeMs: 1e9, ...input.settings }
  const dispatcher = startDispatcher({ store, clock, ids: input.ids ?? seededIds(1), log: silentLog, settings })
  const http = createServer()
  http.on('upgrade', (request, socket, head) => {
    dispatcher.upgrade(request.url?.startsWith('/tcs/') ? 'tcs' : 'acs', request, socket, head)
  })
  await new Promise<void>(listening => http.listen(0, '127.0.0.1', listening))
  const { port } = http.address() as AddressInfo
  t.after(async () => {
    await dispatcher.stop()
    http.close()
    await store.close()
  })
  const open = (path: string, query: Record<string, string>) =>
    TestAgent.open(`ws://127.0.0.1:${port}${path}?${new URLSearchParams(query)}`)
  return {
    store,
    clock,
    dispatcher,
    connect: query =>
      open('/acs/ws', { containerInstanceArn: INSTANCE, clusterArn: 'default', agentVersion: '1.105.1', ...query }),
    connectTelemetry: query => open('/tcs/ws', { containerInstance: INSTANCE, cluster: 'default', ...query }),
    putTask: task => store.write(tx => tx.put(tasks, task)),
    instance: () => store.get(containerInstances, INSTANCE),
  }
}

type FromServer = ServerMessage | TelemetryServerMessage
type MessageOf<Type> = Extract<FromServer, { readonly type: Type }>['message']

export class Refused extends Error {
  readonly body: unknown
  constructor(status: number, body: string) {
    super(`refused with ${status}: ${body}`)
    this.body = JSON.parse(body)
  }
}

/** An agent's side of one link: what came and was not asked for yet, in order. */
export class TestAgent {
  readonly ws: WebSocket
  readonly closed: Promise<number>
  readonly #came: FromServer[] = []
  #woken = () => {}

  private constructor(ws: WebSocket) {
    this.ws = ws
    this.closed = new Promise(resolve => ws.once('close', code => resolve(code)))
    ws.on('message', data => {
      this.#came.push(JSON.parse(String(data)))
      this.#woken()
    })
  }

  static open(url: string): Promise<TestAgent> {
    return new Promise((resolve, reject) => {
      const agent = new TestAgent(new WebSocket(url))
      agent.ws.once('open', () => resolve(agent))
      agent.ws.on('error', reject)
      agent.ws.once('unexpected-response', (_request, response) => {
        let body = ''
        response.on('data', chunk => {
          body += chunk
        })
        response.on('end', () => reject(new Refused(response.statusCode ?? 0, body)))
      })
    })
  }

  send(message: object): void {
    this.ws.send(JSON.stringify(message))
  }

  /** The next message, which must be of this type. */
  async next<Type extends FromServer['type']>(type: Type): Promise<MessageOf<Type>> {
    while (this.#came.length === 0) {
      await new Promise<void>(woken => {
        this.#woken = woken
      })
    }
    const message = this.#came.shift()
    assert.equal(message?.type, type)
    return (message as Extract<FromServer, { readonly type: Type }>).message as MessageOf<Type>
  }

  /** Acknowledges as the ECS agent does. */
  ack({ clusterArn, containerInstanceArn, messageId }: PayloadMessage): void {
    const message = { cluster: clusterArn, containerInstance: containerInstanceArn, messageId }
    this.send({ type: 'AckRequest', message })
  }

  /** Everything that was sent before to this agent, or by it, has arrived; gives the types of what nobody asked for. */
  async settled(): Promise<readonly string[]> {
    await new Promise<void>(resolve => {
      this.ws.once('pong', () => resolve())
      this.ws.ping()
    })
    return this.#came.map(message => message.type)
  }

  /** Cuts the connection without a word. */
  kill(): void {
    this.ws.terminate()
  }
}
