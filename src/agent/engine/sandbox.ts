// A task with network mode awsvpc has one network namespace, with an address of its own, for all its containers; one with
// pidMode or ipcMode `task` has one namespace of processes, or of shared memory. It belongs to
// one container more, the sandbox: it is created and started before the others, which join it, it is essential, and it goes
// when the last of them has gone. So it is put into the payload as a container that the others depend on, as the ECS agent
// does, and every rule about containers (steps, crashes, adoption) holds for it without another word.
// Before: engine.ts, when a task comes. After: next-steps.ts; report.ts tells the address instead of the container.
//
// Its network is a bridge with its subnet's addresses, of which the server gave it one; where there is none, because the subnet is
// not the server's or the host can't have it, the container engine's default bridge. The address is reachable from this host; no
// ports are published. Other hosts do not reach it.
import type { PayloadContainer, PayloadTask } from '../../agent-link/acs.ts'
import { networkOfAddress } from '../../domain/network.ts'
import { SANDBOX_NAME } from '../../domain/sandbox.ts'
import { SANDBOX_COMMAND, SANDBOX_IMAGE } from '../../runtime/driver.ts'

export const SANDBOX_MODE = 'awsvpc'

export const isSandbox = ({ name }: { readonly name: string }): boolean => name === SANDBOX_NAME

export const withSandbox = (payload: PayloadTask): PayloadTask =>
  needsSandbox(payload) && !payload.containers.some(isSandbox)
    ? { ...payload, containers: [sandboxOf(payload), ...payload.containers.map(joined)] }
    : payload

/** What its subnet gave the task, if it did. */
export const subnetAddressOf = ({
  elasticNetworkInterfaces = [],
}: PayloadTask): { readonly ipv4: string; readonly cidr: string; readonly gateway: string } | undefined => {
  const [{ ipv4Addresses = [], subnetGatewayIpv4Address: gateway } = {}] = elasticNetworkInterfaces
  const ipv4 = ipv4Addresses.find(({ primary }) => primary)?.privateAddress
  const cidr = gateway && networkOfAddress(gateway)
  return ipv4 === undefined || gateway === undefined || !cidr ? undefined : { ipv4, cidr, gateway }
}

const needsSandbox = ({ networkMode, pidMode, ipcMode }: PayloadTask): boolean =>
  networkMode === SANDBOX_MODE || pidMode === 'task' || ipcMode === 'task'

const joined = (container: PayloadContainer): PayloadContainer => ({
  ...container,
  dependsOn: [...(container.dependsOn ?? []), { containerName: SANDBOX_NAME, condition: 'START' }],
})

// The containers' /dev/shm is the sandbox's, so it must have the size that the most demanding of them asks for.
const sharedMemoryOf = ({ ipcMode, containers }: PayloadTask): { readonly ShmSize?: number } => {
  const largest = ipcMode === 'task' ? Math.max(...containers.map(shmSizeIn)) : 0
  return largest > 0 ? { ShmSize: largest } : {}
}

// What is no JSON is found out and told elsewhere (`whyInvalid`).
const shmSizeIn = ({ dockerConfig }: PayloadContainer): number => {
  try {
    return Number(JSON.parse(dockerConfig.hostConfig)?.ShmSize) || 0
  } catch {
    return 0
  }
}

const sandboxOf = (task: PayloadTask): PayloadContainer => ({
  name: SANDBOX_NAME,
  image: SANDBOX_IMAGE,
  containerArn: '',
  command: SANDBOX_COMMAND,
  environment: {},
  cpu: 0,
  essential: true,
  overrides: '{}',
  portMappings: [],
  mountPoints: [],
  volumesFrom: [],
  stopTimeout: 0,
  dockerConfig: {
    version: '1.21',
    // Stopping it is killing it: as process 1 it would not hear anything else. It needs nothing but to be there.
    config: JSON.stringify({ StopSignal: 'SIGKILL' }),
    hostConfig: JSON.stringify({
      NetworkMode: task.networkMode === SANDBOX_MODE ? 'bridge' : 'none',
      ...(task.ipcMode === 'task' ? { IpcMode: 'shareable' } : {}),
      ...sharedMemoryOf(task),
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      LogConfig: { Type: 'none' },
    }),
  },
})
