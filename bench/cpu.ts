// The CPU time that a process has used: what counts on a machine that others use as well.
import { readdir, readFile } from 'node:fs/promises'

/** Jiffies of /proc/<pid>/stat. */
const JIFFY_MS = 10

/** User and system time of all its threads, in milliseconds. */
export const cpuMs = async (pid: number): Promise<number> => (await statOf(`/proc/${pid}/stat`)).ms

/** The same by the name of its threads. */
export const cpuMsByThread = async (pid: number): Promise<ReadonlyMap<string, number>> => {
  const byName = new Map<string, number>()
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const { name, ms } = await statOf(`/proc/${pid}/task/${thread}/stat`)
    byName.set(name, (byName.get(name) ?? 0) + ms)
  }
  return byName
}

const statOf = async (path: string): Promise<{ readonly name: string; readonly ms: number }> => {
  const stat = await readFile(path, 'utf8')
  const end = stat.lastIndexOf(')')
  const fields = stat.slice(end + 2).split(' ')
  return { name: stat.slice(stat.indexOf('(') + 1, end), ms: (Number(fields[11]) + Number(fields[12])) * JIFFY_MS }
}
