// Which GPUs an engine can give to containers: those that NVIDIA's own tool names, where the engine has NVIDIA's runtime. None
// elsewhere, and none where the tool fails: a GPU that is told is one that a container can have. Before: docker-driver.ts.
// https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** A first call may have to load the driver. */
const LIMIT_MS = 30_000

/** `runtimes`: as `docker info` names them. */
export const hostGpus = async (runtimes: readonly string[]): Promise<readonly string[]> => {
  if (!runtimes.includes('nvidia')) return []
  const query = ['--query-gpu=uuid', '--format=csv,noheader']
  return await run('nvidia-smi', query, { timeout: LIMIT_MS }).then(
    ({ stdout }) => gpusIn(stdout),
    () => [],
  )
}

/** One a line: `GPU-5a2b...`. */
export const gpusIn = (text: string): readonly string[] =>
  text.split('\n').flatMap(line => (/^GPU-[0-9A-Za-z-]+$/.test(line.trim()) ? [line.trim()] : []))

/** The `DeviceRequests` that give a container these GPUs and no other. */
export const deviceRequests = (ids: readonly string[]) => [
  { Driver: 'nvidia', DeviceIDs: [...ids], Capabilities: [['gpu']] },
]
