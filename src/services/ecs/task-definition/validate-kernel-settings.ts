// AWS's validation of what a container asks of the kernel: linuxParameters and systemControls. A word that the kernel or the
// engine would not take is refused here, and not when a task of it cannot start. Before: validate-container.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html
import type { ContainerDefinition, IpcMode, LinuxParameters, NetworkMode, Tmpfs } from '@aws-sdk/client-ecs'
import { invalidSetting, isWhole } from './refused.ts'

type Around = { readonly networkMode: NetworkMode; readonly ipcMode: IpcMode | undefined }

export const validateKernelSettings = (container: ContainerDefinition, around: Around): void => {
  const { linuxParameters, systemControls = [] } = container
  if (linuxParameters) validateLinuxParameters(container, linuxParameters)
  for (const { namespace = '', value } of systemControls)
    if (value === undefined || !isOwnNamespace(namespace, around)) throw invalidSetting(container, 'systemControls')
}

const IPC_CONTROL = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/

/** The container must have the namespace for itself or with its task: the host's is not to be changed. */
const isOwnNamespace = (name: string, { networkMode, ipcMode }: Around): boolean =>
  name.startsWith('net.') ? networkMode !== 'host' : ipcMode !== 'host' && IPC_CONTROL.test(name)

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html */
const CAPABILITIES: ReadonlySet<string> = new Set(
  (
    'ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL ' +
    'LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP SETGID ' +
    'SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME ' +
    'SYS_TTY_CONFIG SYSLOG WAKE_ALARM'
  ).split(' '),
)

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html */
const MOUNT_OPTIONS: ReadonlySet<string> = new Set(
  (
    'defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime ' +
    'nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime ' +
    'strictatime nostrictatime mode uid gid nr_inodes nr_blocks mpol'
  ).split(' '),
)

const validateLinuxParameters = (container: ContainerDefinition, linux: LinuxParameters): void => {
  const { capabilities, sharedMemorySize, maxSwap, swappiness, tmpfs = [] } = linux
  for (const member of ['add', 'drop'] as const)
    if (capabilities?.[member]?.some(name => !CAPABILITIES.has(name)))
      throw invalidSetting(container, `linuxParameters.capabilities.${member}`)
  if (sharedMemorySize !== undefined && !isWhole(sharedMemorySize, 1))
    throw invalidSetting(container, 'linuxParameters.sharedMemorySize')
  // Docker limits swap only where it limits memory, so without a limit the setting would do nothing.
  if (maxSwap !== undefined && (!isWhole(maxSwap, 0) || container.memory === undefined))
    throw invalidSetting(container, 'linuxParameters.maxSwap')
  if (swappiness !== undefined && !isWhole(swappiness, 0, 100))
    throw invalidSetting(container, 'linuxParameters.swappiness')
  if (!tmpfs.every(isTmpfs)) throw invalidSetting(container, 'linuxParameters.tmpfs')
}

const isTmpfs = ({ containerPath, size, mountOptions = [] }: Tmpfs): boolean =>
  containerPath?.startsWith('/') === true &&
  size !== undefined &&
  size >= 1 &&
  // `mode=0700`
  mountOptions.every(option => MOUNT_OPTIONS.has(option.split('=')[0] ?? ''))
