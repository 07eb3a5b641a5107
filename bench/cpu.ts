// The CPU time that a process has used: what counts on a machine that others use as well.
import { readFile } from 'node:fs/promises'

/** Jiffies of /proc/<pid>/stat. */
const JIFFY_MS = 10

/** User and system time of all its threads, in milliseconds. */
export const cpuMs = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * JIFFY_MS
}
