// Which of this host's addresses the server's network sees: the one that a packet to the server would carry. A connected UDP
// socket tells it, without a packet, and whether or not the server is up.
// Before: registration.ts, by transport.ts. After: the attribute `stowage.address`, which load balancers dial.
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

export const localAddressTowards = async (endpoint: URL): Promise<string> => {
  const { address: server, family } = await lookup(endpoint.hostname.replace(/^\[|\]$/g, ''))
  if (LOOPBACK.test(server)) return '127.0.0.1'
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      // The port is never sent to: any but 0 does.
      socket.connect(Number(endpoint.port) || 443, server, () => resolve())
    })
    return socket.address().address
  } finally {
    socket.close()
  }
}
