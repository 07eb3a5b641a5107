// Whether a port can be listened on, and if not, why, in words for whoever asked for the load balancer.
// Before: reconcilers/load-balancer/, which asks before HAProxy tries: one port that is taken would fail its whole configuration.
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'

/** Undefined when the port is free. */
export const whyTaken = async (address: string, port: number): Promise<string | undefined> => {
  const code = await tryToListen(address, port)
  if (code === undefined) return undefined
  if (code === 'EACCES') return `Port ${port} cannot be listened on by this user: it needs root or CAP_NET_BIND_SERVICE`
  if (code === 'EADDRNOTAVAIL') return `Address ${address} is not one of this machine's`
  const holder = await holderOf(port).catch(() => undefined)
  return `Port ${port} is in use${holder === undefined ? '' : ` by ${holder}`}`
}

const tryToListen = (host: string, port: number): Promise<string | undefined> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve('code' in error ? String(error.code) : 'UNKNOWN'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })

const LISTENING = '0A'

/** `process 1234 (nginx)`; undefined when it may not be seen. */
const holderOf = async (port: number): Promise<string | undefined> => {
  const inodes = new Set<string>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(1)
    for (const line of lines) {
      const cells = line.trim().split(/\s+/)
      const [local = '', state, inode] = [cells[1], cells[3], cells[9]]
      if (state === LISTENING && Number.parseInt(local.split(':')[1] ?? '', 16) === port && inode) inodes.add(inode)
    }
  }
  if (inodes.size === 0) return undefined
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      if (!inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '')) continue
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
      return `process ${pid}${name && ` (${name})`}`
    }
  }
  return undefined
}
