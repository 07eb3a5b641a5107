// A real `./stowage server` and `./stowage agent`s for a test, each a process of its own on this machine's Docker Engine, with
// data directories of their own: hosts that can be killed and started again one by one.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeContainerInstancesCommand, ECSClient, ListContainerInstancesCommand } from '@aws-sdk/client-ecs'
import { containersOf, freePort, isHealthy, KEYS, REGION, ROOT, removeAllOf } from './stowage.ts'
import { waitFor } from './wait-for.ts'

export type Host = {
  readonly start: () => Promise<void>
  /** SIGKILL: its containers go on. */
  readonly kill: () => Promise<void>
  /** SIGSTOP and SIGCONT: its connections stay open, and nobody answers on them, as when a machine hangs. */
  readonly hang: () => void
  readonly goOn: () => void
}

export type Fleet = {
  readonly ecs: ECSClient
  readonly server: Host
  /** By availability zone: `a`, `b`, ... */
  readonly agents: ReadonlyMap<string, Host>
  /** ARN of the container instance of each agent. */
  readonly instances: () => Promise<ReadonlyMap<string, string>>
  /** Ids of the engine's containers that its tasks made, running or not. */
  readonly containers: () => Promise<readonly string[]>
  readonly dispose: () => Promise<void>
}

export const startFleet = async (zones: readonly string[], serverArgs: readonly string[] = []): Promise<Fleet> => {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-fleet-'))
  const accountId = String(randomInt(1e11, 1e12 - 1))
  const env = {
    ...process.env,
    STOWAGE_ROOT_ACCESS_KEY_ID: KEYS.accessKeyId,
    STOWAGE_ROOT_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  }
  const ecs = new ECSClient({ endpoint, region: REGION, credentials: KEYS })
  const at = ['--data', join(dataDir, 'server'), '--port', String(port), '--account-id', accountId]
  const server = host(['server', ...at, ...serverArgs], env, async () => (await isHealthy(endpoint)) || undefined)
  const agents = new Map(
    zones.map(zone => {
      const where = ['--data', join(dataDir, `agent-${zone}`), '--endpoint', endpoint, '--region', REGION]
      const args = ['agent', ...where, '--availability-zone', `${REGION}${zone}`]
      const connected = async () => (await instancesOf(ecs, true)).has(zone) || undefined
      return [zone, host(args, env, connected)] as const
    }),
  )
  const dispose = async () => {
    ecs.destroy()
    await Promise.all([server, ...agents.values()].map(one => one.kill()))
    await removeAllOf(accountId)
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await server.start()
    await Promise.all([...agents.values()].map(agent => agent.start()))
  } catch (error) {
    // Nobody else can: left running, they would keep this process from its end and disturb the next test.
    await dispose().catch(() => {})
    throw error
  }
  return {
    ecs,
    server,
    agents,
    instances: () => instancesOf(ecs, false),
    containers: () => containersOf(accountId),
    dispose,
  }
}

const host = (args: readonly string[], env: NodeJS.ProcessEnv, isUp: () => Promise<true | undefined>): Host => {
  let running: ChildProcess | undefined
  return {
    hang: () => void running?.kill('SIGSTOP'),
    goOn: () => void running?.kill('SIGCONT'),
    start: async () => {
      const child = spawn(join(ROOT, 'stowage'), args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
      running = child
      let errors = ''
      child.stderr.setEncoding('utf8').on('data', text => {
        errors = (errors + text).slice(-10_000)
      })
      await waitFor(`stowage ${args[0]} is up`, async () => {
        if (child.exitCode !== null) throw new Error(`stowage ${args[0]} ended with ${child.exitCode}: ${errors}`)
        return isUp()
      })
    },
    kill: async () => {
      const process = running
      if (!process || process.exitCode !== null || process.signalCode !== null) return
      const exited = once(process, 'exit')
      process.kill('SIGKILL')
      await exited
    },
  }
}

const instancesOf = async (ecs: ECSClient, connected: boolean): Promise<ReadonlyMap<string, string>> => {
  const list = await ecs.send(new ListContainerInstancesCommand({})).catch(error => {
    if (error.name !== 'ClusterNotFoundException') throw error
  })
  const arns = list?.containerInstanceArns ?? []
  if (arns.length === 0) return new Map()
  const described = await ecs.send(new DescribeContainerInstancesCommand({ containerInstances: arns }))
  return new Map(
    described.containerInstances
      ?.filter(({ agentConnected }) => agentConnected || !connected)
      .map(({ attributes, containerInstanceArn = '' }) => {
        const zone = attributes?.find(({ name }) => name === 'ecs.availability-zone')?.value ?? ''
        return [zone.slice(REGION.length), containerInstanceArn]
      }),
  )
}
