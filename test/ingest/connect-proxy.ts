import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** An HTTP proxy that lets connections through by CONNECT, and nothing else. */
export interface ConnectProxy {
  readonly url: string
  /** Hosts and ports that were asked for. */
  readonly asked: string[]
  /** Status of the answers from now on; 200 lets through. */
  answer(status: number): void
  stop(): void
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const sockets = new Set<Socket>()
  const asked: string[] = []
  let status = 200
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request, front: Socket) => {
    asked.push(request.url!)
    sockets.add(front)
    front.on('error', () => undefined)
    if (status !== 200) return front.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const { hostname, port } = new URL(`http://${request.url}`)
    const back = connect(Number(port), hostname, () =>
      front.write('HTTP/1.1 200 Connection established\r\n\r\n'),
    )
    sockets.add(back)
    back.on('error', () => front.destroy())
    back.on('close', () => front.destroy())
    front.on('close', () => back.destroy())
    front.pipe(back).pipe(front)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer(next) {
      status = next
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
