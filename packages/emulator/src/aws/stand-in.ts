import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a service is spoken to. */
export interface Protocol {
  /** What a request asks for. */
  action(headers: IncomingMessage['headers'], body: string): string
  /** Throws `Refused`. The signal aborts when whoever asked has gone. */
  answer(action: string, body: string, signal: AbortSignal): Promise<Reply>
  refusal(refused: Refused): Reply
}

/** What the service says no to. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** What befalls the next requests, those for one action or all. */
export interface Strike {
  readonly action?: string
  readonly times: number
  readonly kind: 'throttled' | 'expired-token' | 'denied' | 'cut' | 'garbage'
}

/** A service of AWS on loopback. */
export interface StandIn {
  readonly url: string
  /** Actions asked for since the last call, in order. */
  takeRequests(): string[]
  strike(strike: Strike): void
  stop(): Promise<void>
}

/** A larger request is refused. */
const BODY_BYTES_MAX = 1024 * 1024
const SIGNED = /^AWS4-HMAC-SHA256 Credential=/

export async function startStandIn(protocol: Protocol, port = 0): Promise<StandIn> {
  const requests: string[] = []
  const strikes: { action: string | undefined; times: number; kind: Strike['kind'] }[] = []
  const struck = (action: string): Strike['kind'] | undefined => {
    const found = strikes.find((each) => each.times > 0 && (each.action ?? action) === action)
    if (found === undefined) return undefined
    found.times--
    return found.kind
  }
  const server = createServer((request, response) => {
    void serve(protocol, request, response, (action) => {
      requests.push(action)
      return struck(action)
    }).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeRequests: () => requests.splice(0),
    strike: ({ action, times, kind }) => void strikes.push({ action, times, kind }),
    stop: () => stop(server),
  }
}

async function serve(
  protocol: Protocol,
  request: IncomingMessage,
  response: ServerResponse,
  strikeOf: (action: string) => Strike['kind'] | undefined,
): Promise<void> {
  // From the first moment: one who goes while the body is read is gone, too.
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const body = await textOf(request)
  const action = protocol.action(request.headers, body)
  const strike = strikeOf(action)
  const reply = await replyOf(protocol, request, action, body, strike, gone.signal)
  const bytes = Buffer.from(strike === 'garbage' ? reply.body.slice(0, reply.body.length / 2) : reply.body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': bytes.length })
  if (strike !== 'cut') response.end(bytes)
  else response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}

async function replyOf(
  protocol: Protocol,
  request: IncomingMessage,
  action: string,
  body: string,
  strike: Strike['kind'] | undefined,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    if (strike === 'throttled') throw new Refused(400, 'ThrottlingException', 'Rate exceeded')
    if (strike === 'expired-token') throw new Refused(403, 'ExpiredToken', 'The security token has expired')
    if (strike === 'denied') throw new Refused(403, 'AccessDenied', 'The caller is not authorized')
    if (!SIGNED.test(request.headers.authorization ?? ''))
      throw new Refused(403, 'MissingAuthenticationToken', 'The request is not signed')
    return await protocol.answer(action, body, signal)
  } catch (error) {
    if (error instanceof Refused) return protocol.refusal(error)
    throw error
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new RangeError('the request is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
