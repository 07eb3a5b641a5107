// What ./quickstart does through the API of Stowage and of the Docker Engine: deploys the sample service, waits for its
// pages, takes all of it away again. Each step may be done twice.
//   node scripts/quickstart.ts deploy|remove-service|stop-load-balancers|remove-containers --data DIR --endpoint URL
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  paginateListServices,
  paginateListTasks,
  RegisterTaskDefinitionCommand,
  type Service,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import Docker from 'dockerode'
import { Listr } from 'listr2'
import { removeAll } from '../src/agent/remove-all.ts'
import { systemClock } from '../src/lib/clock.ts'
import { silentLog } from '../src/lib/log.ts'
import { dockerDriver } from '../src/runtime/docker/docker-driver.ts'
import { NETWORK_LABEL } from '../src/runtime/docker/networks.ts'
import { balance, pageAt, unbalance } from './quickstart-load-balancer.ts'

const IMAGE = 'stowage/hello:1'
const SERVICE = 'hello'
/** For a machine that is slow: each wait ends as soon as what it is for is there. */
const STEADY_LIMIT_MS = 180_000
const STOP_LIMIT_MS = 180_000
const TASK_LABEL = 'com.amazonaws.ecs.task-arn'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string', default: '' }, endpoint: { type: 'string', default: '' } },
})
const { data, endpoint } = values
/** The data directory was made by the quickstart: nothing in it is anybody else's. */
const ownData = () => existsSync(join(data, 'quickstart/data'))
const socketPath = (process.env['DOCKER_HOST'] ?? '').replace(/^unix:\/\//, '') || '/var/run/docker.sock'
const docker = new Docker({ socketPath })
const print = (line = '') => process.stdout.write(`${line}\n`)

const access = async () => {
  const given = {
    accessKeyId: process.env['STOWAGE_ROOT_ACCESS_KEY_ID'],
    secretAccessKey: process.env['STOWAGE_ROOT_SECRET_ACCESS_KEY'],
  }
  const kept = given.accessKeyId ? given : JSON.parse(await readFile(join(data, 'root-credentials.json'), 'utf8'))
  return { endpoint, region: 'us-east-1', credentials: kept }
}

const client = async (): Promise<ECSClient> => new ECSClient(await access())

const until = async <T>(what: string, limitMs: number, ask: () => Promise<T | undefined>): Promise<T> => {
  const end = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const describeService = async (ecs: ECSClient): Promise<Service | undefined> => {
  const answer = await ecs.send(new DescribeServicesCommand({ services: [SERVICE] })).catch(error => {
    // The local agent makes the cluster `default` when it registers, a moment after the server answers.
    if (error.name !== 'ClusterNotFoundException') throw error
  })
  return answer?.services?.find(service => service.status !== 'INACTIVE')
}

const register = async (ecs: ECSClient): Promise<void> => {
  const latest = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: SERVICE })).catch(() => undefined)
  const container = latest?.taskDefinition?.containerDefinitions?.[0]
  if (latest?.taskDefinition?.status === 'ACTIVE' && container?.image === IMAGE) return
  const web = { name: 'web', image: IMAGE, memory: 32, portMappings: [{ containerPort: 80, hostPort: 0 }] }
  await ecs.send(new RegisterTaskDefinitionCommand({ family: SERVICE, containerDefinitions: [web] }))
}

const create = async (ecs: ECSClient, targetGroupArn: string): Promise<void> => {
  const gone = async () => ((await describeService(ecs))?.status === 'DRAINING' ? undefined : true)
  await until('the service deleted before is gone', STOP_LIMIT_MS, gone)
  if (await describeService(ecs)) return
  const loadBalancers = [{ targetGroupArn, containerName: 'web', containerPort: 80 }]
  const service = { serviceName: SERVICE, taskDefinition: SERVICE, desiredCount: 2, loadBalancers }
  await until('the container instance has joined', STEADY_LIMIT_MS, () =>
    ecs.send(new CreateServiceCommand(service)).catch(error => {
      if (error.name !== 'ClusterNotFoundException') throw error
    }),
  )
}

const steady = async (ecs: ECSClient, progress: (line: string) => void): Promise<void> => {
  let last = ''
  const look = async () => {
    const service = await describeService(ecs)
    last = service?.events?.[0]?.message ?? last
    progress(`${service?.runningCount ?? 0} of ${service?.desiredCount ?? 0} tasks run`)
    const done = service?.deployments?.length === 1 && service.deployments[0]?.rolloutState === 'COMPLETED'
    return (done && service.runningCount === service.desiredCount) || undefined
  }
  await until('the service is steady', STEADY_LIMIT_MS, look).catch(error => {
    throw new Error(`${error.message}${last && `. ${last}`}`)
  })
}

const deploy = async (): Promise<void> => {
  const ecs = await client()
  const elb = new ElasticLoadBalancingV2Client(await access())
  let url = ''
  let targetGroupArn = ''
  await new Listr([
    { title: 'Register the task definition hello', task: () => register(ecs) },
    {
      title: 'Create the load balancer hello',
      task: async () => {
        const balanced = await balance(elb, SERVICE)
        targetGroupArn = balanced.targetGroupArn
        url = balanced.url
      },
    },
    { title: 'Create the service hello', task: () => create(ecs, targetGroupArn) },
    {
      title: 'Wait until it is steady',
      task: (_context, task) =>
        steady(ecs, line => {
          task.title = `Wait until it is steady: ${line}`
        }),
    },
    { title: 'Ask for the page', task: () => until(`${url} answers`, STEADY_LIMIT_MS, () => pageAt(url)) },
  ]).run()
  print()
  print(`The service hello answers at ${url}`)
  print(
    '(browsers and curl know that *.localhost is this machine; other programs may want 127.0.0.1 and a Host header)',
  )
  print()
  print('  look at it   aws --profile stowage ecs describe-services --services hello')
  print('  scale it     aws --profile stowage ecs update-service --service hello --desired-count 4')
  print(`               (an AWS CLI older than 2.13 wants --endpoint-url ${endpoint} too)`)
  print('  stop it all  ./quickstart down')
  ecs.destroy()
  elb.destroy()
}

/** Every service and task there is when the whole data directory is ours; else the sample's alone. */
const removeService = async (): Promise<void> => {
  const ecs = await client()
  const clusters = ownData() ? ((await ecs.send(new ListClustersCommand({}))).clusterArns ?? []) : ['default']
  for (const cluster of clusters) {
    for (const service of ownData() ? await servicesOf(ecs, cluster) : [SERVICE]) {
      await ecs.send(new DeleteServiceCommand({ cluster, service, force: true })).catch(error => {
        if (!/ServiceNotFound|ClusterNotFound|ServiceNotActive/.test(error.name)) throw error
      })
    }
  }
  const stopped = async () => {
    const live: boolean[] = []
    for (const cluster of clusters) live.push(await stopTasks(ecs, cluster))
    return live.every(any => !any) || undefined
  }
  await until('the tasks have stopped', STOP_LIMIT_MS, stopped)
  const elb = new ElasticLoadBalancingV2Client(await access())
  await unbalance(elb, ownData() ? undefined : SERVICE)
  elb.destroy()
  if (!ownData())
    for (const task of await tasksOf(ecs, 'default')) await removeLabelled(`${TASK_LABEL}=${task.taskArn}`)
  ecs.destroy()
}

const servicesOf = async (ecs: ECSClient, cluster: string): Promise<readonly string[]> => {
  const arns: string[] = []
  for await (const page of paginateListServices({ client: ecs }, { cluster })) arns.push(...(page.serviceArns ?? []))
  return arns
}

/** Those that end and those that have ended too. */
const tasksOf = async (ecs: ECSClient, cluster: string): Promise<readonly Task[]> => {
  const found: Task[] = []
  const family = ownData() ? {} : { family: SERVICE }
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    for await (const page of paginateListTasks({ client: ecs }, { cluster, desiredStatus, ...family })) {
      if (!page.taskArns?.length) continue
      const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: page.taskArns }))
      found.push(...tasks)
    }
  }
  return found
}

/** Asks those that still run to stop; true while any has not. */
const stopTasks = async (ecs: ECSClient, cluster: string): Promise<boolean> => {
  const live = (await tasksOf(ecs, cluster)).filter(task => task.lastStatus !== 'STOPPED')
  for (const task of live.filter(one => one.desiredStatus === 'RUNNING')) {
    await ecs.send(new StopTaskCommand({ cluster, task: task.taskArn }))
  }
  return live.length > 0
}

/** What the agent made, by its label: Stowage has stopped, and the containers of stopped tasks are still there. */
const removeContainers = async (): Promise<void> => {
  const clock = systemClock()
  const driver = dockerDriver({ socketPath, clock, log: silentLog })
  const agentDir = join(data, 'agent')
  if (ownData() && existsSync(join(agentDir, 'agent.db'))) await removeAll({ driver, dataDir: agentDir, clock })
  if (existsSync(join(data, 'quickstart/image'))) await docker.getImage(IMAGE).remove().catch(unlessAbsent)
  if (existsSync(join(data, 'quickstart/sandbox-image'))) await driver.removeMadeImages()
  // Of subnets; refused while another Stowage on this machine has containers on it.
  if (ownData())
    for (const { Id } of await docker.listNetworks({ filters: { label: [NETWORK_LABEL] } }))
      await docker.getNetwork(Id).remove().catch(unlessUsed)
  await driver.close()
}

const unlessUsed = (error: unknown): void => {
  if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 403)) unlessAbsent(error)
}

const removeLabelled = async (label: string): Promise<void> => {
  for (const { Id } of await docker.listContainers({ all: true, filters: { label: [label] } })) {
    await docker.getContainer(Id).remove({ force: true, v: true }).catch(unlessAbsent)
  }
  const { Volumes } = await docker.listVolumes({ filters: { label: [label] } })
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove().catch(unlessAbsent)
}

const unlessAbsent = (error: unknown): void => {
  if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 404)) throw error
}

/** HAProxy goes on when Stowage stops; here it is to end too. */
const stopLoadBalancers = async (): Promise<void> => {
  const text = await readFile(join(data, 'load-balancer/haproxy.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  const line = async () => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (!pid || !(await line()).includes(join(data, 'load-balancer'))) return
  process.kill(pid, 'SIGTERM')
  await until('HAProxy has ended', STOP_LIMIT_MS, async () => ((await line()) === '' ? true : undefined))
}

const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  deploy,
  'remove-service': removeService,
  'stop-load-balancers': stopLoadBalancers,
  'remove-containers': removeContainers,
}
const step = STEPS[positionals[0] ?? '']
if (!step) throw new Error(`one of ${Object.keys(STEPS).join(', ')} is needed`)
await step().catch(error => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
