// The command line: which role to play, with what. The only file that reads the environment or makes a real clock.
//
//   stowage up        server and agent in one process, for one machine
//   stowage server    the control plane alone
//   stowage agent     one host's side, against a server somewhere
//
// After: roles/ (what each role is made of), cli/commands/ (clients of the public API).
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { ProfileRemoveOptions } from './cli/commands/profile/remove.ts'
import type { ProfileWriteOptions } from './cli/commands/profile/write.ts'
import { CAPACITY_PROVIDER_ATTRIBUTE } from './domain/capacity-provider.ts'
import { systemClock } from './lib/clock.ts'
import { systemIds } from './lib/ids.ts'
import { UsageError } from './lib/usage-error.ts'
import type { AgentOptions, Credentials, Parts, ServerOptions } from './roles/options.ts'
import type { PullPolicy } from './runtime/driver.ts'
import { createLog, type LogLevel } from './telemetry/log.ts'

const env = process.env
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const version: string = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).version

const fail = (why: string | undefined): never => {
  process.stderr.write(`stowage: ${why}\n`)
  process.exit(1)
}

// The journal holds everything that was acknowledged: after a bug, or when the disk fails, a fresh process is the safe way on.
const crash = (error: unknown): never => {
  if (!(error instanceof Error)) return fail(String(error))
  return fail(error.name === 'StoreFailure' ? error.message : error.stack)
}

// Until a command is under way, what fails is mostly for whoever typed it to put right.
const giveUp = async (error: unknown): Promise<void> => {
  const { startFailure } = await import('./roles/start-failure.ts')
  const why = startFailure(error)
  if (why === undefined) crash(error)
  fail(why)
}

type ServerFlags = {
  data: string
  port: number
  bind: string
  accountId: string
  disconnectedAfter: number
  healthyAfter: number
  keepStoppedTasks: number
  lbAddresses: readonly string[]
  throttle?: 'on' | 'off'
  logLevel: LogLevel
}
type AgentFlags = {
  region: string
  availabilityZone?: string
  address?: string
  imagePullBehavior: PullPolicy
  attribute: readonly { name: string; value?: string }[]
  capacityProvider?: string
  reservedMemory: number
  taskCleanupWait: number
}
type UpFlags = ServerFlags & AgentFlags & { runtime: 'docker' | 'fake'; instances: number }
type AgentCommandFlags = AgentFlags & {
  endpoint: string
  cluster: string
  data: string
  fargate: boolean
  logLevel: LogLevel
}

const partsOf = (logLevel: LogLevel): Parts => ({ clock: systemClock(), ids: systemIds(), log: createLog(logLevel) })

const credentialsFrom = (id: string, secret: string): Credentials | undefined => {
  const accessKeyId = env[id]
  const secretAccessKey = env[secret]
  if (!accessKeyId !== !secretAccessKey) throw new UsageError(`${id} and ${secret} must be set together`)
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|localhost$)/.test(address)

const serverOptions = (flags: ServerFlags): ServerOptions => {
  const given = credentialsFrom('STOWAGE_ROOT_ACCESS_KEY_ID', 'STOWAGE_ROOT_SECRET_ACCESS_KEY')
  // Whoever reaches loopback has the machine to himself.
  const throttle = flags.throttle ? flags.throttle === 'on' : !isLoopback(flags.bind)
  const { disconnectedAfter, healthyAfter, keepStoppedTasks, lbAddresses, ...rest } = flags
  return {
    ...rest,
    data: resolve(flags.data),
    disconnectedAfterMs: disconnectedAfter * 1_000,
    healthyAfterMs: healthyAfter * 1_000,
    stoppedTaskMs: keepStoppedTasks * 3_600_000,
    loadBalancerAddresses: lbAddresses,
    throttle,
    ...(given ? { rootCredentials: given } : {}),
  }
}

const agentOptions = (flags: AgentFlags): AgentOptions => {
  const host = env['DOCKER_HOST']
  if (host && !host.startsWith('unix://'))
    throw new UsageError(`DOCKER_HOST is ${host}; only unix:// sockets are supported`)
  const { attribute, capacityProvider, ...rest } = flags
  const joins = capacityProvider ? [{ name: CAPACITY_PROVIDER_ATTRIBUTE, value: capacityProvider }] : []
  return {
    ...rest,
    attributes: [...attribute, ...joins],
    ...(host ? { socketPath: host.slice('unix://'.length) } : {}),
  }
}

/**
 * Until it is told to end. Our timers keep no process alive (lib/clock.ts), and connections only as long as there are any: an agent
 * whose server and container engine are both away has none, and node would end it without a word.
 */
const stayAlive = (): void => void setInterval(() => {}, 60 * 60_000)

/** SIGTERM and SIGINT end the process cleanly, tasks left running; after this long it ends all the same. */
const STOP_WITHIN_MS = 4_500

const untilStopped = (stop: () => Promise<void>, { clock, log }: Parts): void => {
  let stopping = false
  const end = (signal: string): void => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'Stopping; tasks go on running')
    clock.after(STOP_WITHIN_MS, () => process.exit(0))
    stop().then(() => process.exit(0), crash)
  }
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGINT', () => end('SIGINT'))
}

const up = async (flags: UpFlags): Promise<void> => {
  stayAlive()
  const parts = partsOf(flags.logLevel)
  const forAgents = agentOptions(flags)
  const [{ serve }, agentRoles] = await Promise.all([import('./roles/serve.ts'), import('./roles/agents.ts')])
  const server = await serve(serverOptions(flags), parts, crash)
  const local = ['0.0.0.0', '::', '::1'].includes(flags.bind) ? '127.0.0.1' : flags.bind
  const endpoint = `http://${local}:${server.port}`
  say(`Stowage ${version} serves at ${endpoint} (account ${flags.accountId}, data in ${resolve(flags.data)})`)
  await server.core.forgetSimulatedInstances()
  const target = { endpoint, cluster: 'default', credentials: server.core.credentials }
  const docker = { dataDir: join(resolve(flags.data), 'agent'), fargateCapacity: true, reservedPorts: [server.port] }
  const agents =
    flags.runtime === 'fake'
      ? await agentRoles.startSimulatedAgents(target, forAgents, flags.instances, parts)
      : [await agentRoles.startDockerAgent(target, forAgents, docker, parts)]
  say(`${agents.length} container instance${agents.length === 1 ? '' : 's'} in cluster default (${flags.runtime})`)
  untilStopped(async () => {
    await Promise.all(agents.map(agent => agent.stop()))
    await server.stop()
  }, parts)
}

const server = async (flags: ServerFlags): Promise<void> => {
  stayAlive()
  const parts = partsOf(flags.logLevel)
  const { serve } = await import('./roles/serve.ts')
  const running = await serve(serverOptions(flags), parts, crash)
  say(
    `Stowage ${version} serves at http://${flags.bind}:${running.port} (account ${flags.accountId}, data in ${resolve(flags.data)})`,
  )
  untilStopped(running.stop, parts)
}

const agent = async (flags: AgentCommandFlags): Promise<void> => {
  stayAlive()
  const parts = partsOf(flags.logLevel)
  const credentials = credentialsFrom('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')
  if (!credentials) throw new UsageError('set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: the agent signs its calls')
  const { startDockerAgent } = await import('./roles/agents.ts')
  const target = { endpoint: flags.endpoint, cluster: flags.cluster, credentials }
  const docker = { dataDir: resolve(flags.data), fargateCapacity: flags.fargate, reservedPorts: [] }
  const running = await startDockerAgent(target, agentOptions(flags), docker, parts)
  say(`Container instance ${running.containerInstanceArn}`)
  untilStopped(running.stop, parts)
}

const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
    }
    return value
  }

const ipAddress = (text: string): string => {
  if (isIP(text) === 0) throw new InvalidArgumentError('It must be an IP address.')
  return text
}

const accountId = (text: string): string => {
  if (!/^[0-9]{12}$/.test(text)) throw new InvalidArgumentError('It must be 12 digits.')
  return text
}

const region = (text: string): string => {
  if (!/^[a-z0-9-]+$/.test(text)) throw new InvalidArgumentError("It must be a region's name, such as us-east-1.")
  return text
}

const endpoint = (text: string): string => {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) {
    throw new InvalidArgumentError('It must be a URL: http://host:port.')
  }
  return text.replace(/\/$/, '')
}

const attribute = (text: string, before: AgentFlags['attribute']): AgentFlags['attribute'] => {
  const at = text.indexOf('=')
  if (!ATTRIBUTE_NAME.test(at < 0 ? text : text.slice(0, at))) {
    throw new InvalidArgumentError('Its name must be of 1 to 128 letters, digits, and _ - / \\ .')
  }
  return [...before, at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) }]
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html */
const ATTRIBUTE_NAME = /^[A-Za-z0-9_./\\-]{1,128}$/

const addresses = (text: string): readonly string[] => {
  const list = text.split(',').map(address => address.trim())
  const wrong = list.find(address => isIP(address) !== 4)
  if (wrong !== undefined) throw new InvalidArgumentError(`'${wrong}' is not an IPv4 address.`)
  return list
}

const DATA = env['STOWAGE_DATA'] ?? join(homedir(), '.stowage')

const logLevel = (): Option =>
  new Option('--log-level <level>', 'what goes to standard error')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('warn')

const SILENCE = 'silence of a container instance, in seconds, after which its service tasks are replaced elsewhere'

const HEALTHY = 'seconds that a new task without a health check must run before it counts as healthy (AWS: 40)'

const ADDRESS = "where load balancers reach this host's ports (default: the address from which it reaches the server)"

const withServerFlags = (command: Command): Command =>
  command
    .option('--data <dir>', 'where state is kept', DATA)
    .option('--port <n>', 'port of the API', wholeNumber(0, 65535), 7700)
    .option('--bind <address>', 'address to listen on; beyond loopback only when you say so', '127.0.0.1')
    .option('--disconnected-after <s>', SILENCE, wholeNumber(1, 86_400), 15)
    .option('--healthy-after <s>', HEALTHY, wholeNumber(0, 3_600), 3)
    .option('--keep-stopped-tasks <h>', 'hours that a stopped task can be described', wholeNumber(1, 8_760), 720)
    .option('--lb-addresses <list>', 'IPv4 addresses that load balancers listen on, by commas', addresses, [
      '127.0.0.1',
    ])
    .option('--account-id <id>', 'AWS account id that ARNs carry', accountId, '000000000000')
    .addOption(
      new Option(
        '--throttle <on|off>',
        "refuse calls beyond AWS's rates (default: off on loopback, on beyond)",
      ).choices(['on', 'off']),
    )
    .addOption(logLevel())

const withAgentFlags = (command: Command): Command =>
  command
    .option(
      '--region <region>',
      'region to register in',
      region,
      env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    )
    .option('--availability-zone <zone>', 'zone of this host (default: the region followed by "a")')
    .option('--address <ip>', ADDRESS, ipAddress)
    .addOption(
      new Option('--image-pull-behavior <how>', "the ECS agent's ECS_IMAGE_PULL_BEHAVIOR")
        .choices(['default', 'always', 'once', 'prefer-cached'])
        .default('prefer-cached'),
    )
    .option('--attribute <name=value>', 'custom attribute of the container instance (repeatable)', attribute, [])
    .option('--capacity-provider <name>', "the operator's own capacity provider that this host belongs to")
    .option('--reserved-memory <mib>', 'memory kept from tasks', wholeNumber(0, 1_048_576), 0)
    .option('--task-cleanup-wait <s>', "how long a stopped task's containers are kept", wholeNumber(1, 604_800), 600)

const program = new Command('stowage')
  .description('Amazon ECS on machines you own.')
  .version(version, '-V, --version', 'print the version')
  .showHelpAfterError("(see 'stowage --help')")

withAgentFlags(withServerFlags(program.command('up').description('server and agent in one process, for one machine')))
  .addOption(
    new Option('--runtime <runtime>', 'what runs the containers').choices(['docker', 'fake']).default('docker'),
  )
  .option('--instances <n>', 'simulated container instances (fake runtime)', wholeNumber(1, 10_000), 1)
  .action(up)
withServerFlags(program.command('server').description('the control plane alone')).action(server)
withAgentFlags(program.command('agent').description("one host's side, against a server somewhere"))
  .requiredOption('--endpoint <url>', 'where the server is: http://host:port (required)', endpoint)
  .option('--cluster <name>', 'cluster to register into', 'default')
  .option('--data <dir>', 'where the agent keeps its journal', join(DATA, 'agent'))
  .option('--fargate', 'offer this host to FARGATE tasks of every cluster', false)
  .addOption(logLevel())
  .action(agent)
const profile = program.command('profile').description('the AWS CLI and SDK profile that reaches this Stowage')
const profileFlags = (command: Command): Command =>
  command
    .option('--profile <name>', 'name of the profile', 'stowage')
    .option('--data <dir>', 'data directory of the server', DATA)
profileFlags(profile.command('write').description('write the profile, leaving all others as they are'))
  .option('--endpoint <url>', 'where the server is', endpoint, 'http://127.0.0.1:7700')
  .option('--region <region>', 'region of the profile', region, 'us-east-1')
  .action(async (flags: ProfileWriteOptions) => {
    const { writeProfile } = await import('./cli/commands/profile/write.ts')
    await writeProfile({ ...flags, data: resolve(flags.data) }, { stdout: process.stdout, env })
  })
profileFlags(profile.command('remove').description('remove the profile')).action(
  async (flags: ProfileRemoveOptions) => {
    const { removeProfile } = await import('./cli/commands/profile/remove.ts')
    await removeProfile({ ...flags, data: resolve(flags.data) }, { stdout: process.stdout })
  },
)

program
  .command('version')
  .description('print the version')
  .action(() => {
    say(version)
  })

// Nobody has to read what we say: `stowage up | head -1` goes on.
process.stdout.on('error', () => {})
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
program.parseAsync().catch(giveUp)
