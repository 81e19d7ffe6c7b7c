import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { isObject } from '@weir/model'
import { messageOf } from '@weir/runtime'
import type { SiemAlerts } from './alerts.ts'
import type { Faults } from './faults.ts'
import type { HecCounts } from './hec-receiver.ts'
import type { Kept, Ledger } from './ledger.ts'
import type { SyslogCounts } from './syslog-receiver.ts'

/** Messages in one answer of `/raw`; ask again after the last for more. */
const RAW_MESSAGES_MAX = 1_000

/** What the control interface shows. */
export interface SiemParts {
  readonly ledger: Ledger
  readonly alerts: SiemAlerts
  readonly faults: Faults
  readonly tls: SyslogCounts
  readonly tcp: SyslogCounts
  readonly hec: HecCounts
}

/** HTTP for tests: what was kept, and faults. */
export async function serveControl(parts: SiemParts, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(parts, request)
      .catch((error: unknown) => ({ status: 400, body: { error: messageOf(error) } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function answer(
  parts: SiemParts,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /alerts':
      return { status: 200, body: { alerts: parts.alerts.all() } }
    case 'GET /raw':
      return {
        status: 200,
        body: { messages: await raw(parts.ledger, Number(url.searchParams.get('after'))) },
      }
    case 'GET /state':
      return { status: 200, body: stateOf(parts) }
    case 'POST /faults':
      parts.faults.set(objectIn(await text(request)))
      return { status: 200, body: parts.faults.state }
    case 'DELETE /faults':
      parts.faults.clear()
      return { status: 200, body: parts.faults.state }
    default:
      return { status: 404, body: { error: 'no such path' } }
  }
}

async function raw(ledger: Ledger, after: number): Promise<Kept[]> {
  const messages: Kept[] = []
  for await (const kept of ledger.read(after)) {
    messages.push(kept)
    if (messages.length === RAW_MESSAGES_MAX) break
  }
  return messages
}

function stateOf({ ledger, alerts, faults, tls, tcp, hec }: SiemParts): object {
  const { size, unreadable } = alerts
  return { messages: ledger.count, alerts: size, unreadable, faults: faults.state, tls, tcp, hec }
}

function objectIn(body: string): Parameters<Faults['set']>[0] {
  const parsed: unknown = JSON.parse(body)
  if (!isObject(parsed)) throw new Error('the body must be a JSON object')
  return parsed
}
