// What HAProxy writes to its standard error, a file of ours: a line for each new finding of a check. The kernel tells when
// there is more of it, so that nothing is asked while nothing happens. It is kept short: HAProxy appends, so it may be cut at any time.
import { closeSync, type FSWatcher, fstatSync, ftruncateSync, openSync, readSync, watch } from 'node:fs'

export type EventLog = { readonly close: () => void }

/** A few hours of a busy fleet; older lines have been read. */
const MOST_BYTES = 4_000_000
const CHUNK_BYTES = 65_536

export const watchEvents = (file: string, onHealth: (section: string) => void): EventLog => {
  const handle = openSync(file, 'a+', 0o600)
  let at = fstatSync(handle).size
  let rest = ''
  const read = (): void => {
    const size = fstatSync(handle).size
    if (size < at) at = 0
    const sections = new Set<string>()
    const buffer = Buffer.alloc(CHUNK_BYTES)
    for (let count = -1; count !== 0; ) {
      count = readSync(handle, buffer, 0, CHUNK_BYTES, at)
      at += count
      const lines = (rest + buffer.toString('utf8', 0, count)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        // `Health check for server web.0123/10.0.0.5:80 succeeded, ...`, `Server web.0123/10.0.0.5:80 is DOWN, ...`
        const section = /(?:server|Server|backup server) (\S+)\//.exec(line)?.[1]
        if (section !== undefined) sections.add(section)
      }
    }
    if (at > MOST_BYTES) ftruncateSync(handle, 0)
    for (const section of sections) onHealth(section)
  }
  const watcher: FSWatcher = watch(file, { persistent: false }, read)
  return {
    close: () => {
      watcher.close()
      closeSync(handle)
    },
  }
}
