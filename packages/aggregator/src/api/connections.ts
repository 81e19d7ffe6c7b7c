import type { Server, Socket } from 'node:net'

/**
 * Remembers every connection of a server, those amid their TLS handshake included, which the server itself
 * does not know yet and would wait for when it closes. Returns what ends them all.
 */
export function rememberConnections(server: Server): () => void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) socket.destroy()
  }
}
