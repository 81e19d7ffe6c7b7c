import { createServer, type IncomingMessage, type Server } from 'node:http'
import { BadRequest, readFaultRule, readNumber, readObject, readPlace, readText } from './fault-request.ts'
import { HUB_PARTITIONS_MAX } from './hubs.ts'
import type { Operator } from './operator.ts'
import { asked } from './refusal.ts'

/** Longest request body, bytes; a longer one is refused. */
const BODY_BYTES_MAX = 65_536

type Route = (operator: Operator, body: unknown) => unknown

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /state': (operator) => operator.state(),
  'POST /faults': (operator, body) => {
    operator.addFault(readFaultRule(body))
    return operator.state().faults
  },
  'DELETE /faults': (operator) => {
    operator.clearFaults()
    return []
  },
  'POST /detach': (operator, body) => {
    const fields = readObject(body)
    const condition = 'condition' in fields ? readText(fields, 'condition') : undefined
    return { detached: operator.detach(readPlace(fields), asked(condition)) }
  },
  'POST /drop-connections': (operator) => ({ dropped: operator.dropConnections() }),
  'POST /retain': (operator, body) => {
    const fields = readObject(body)
    const { hub, partition } = readPlace(fields)
    const from = readNumber(fields, 'from', 0, Number.MAX_SAFE_INTEGER)
    const begin = operator.retain(hub ?? '', partition ?? '', from)
    if (begin === undefined) throw new BadRequest(`there is no partition ${partition} of a hub ${hub}`)
    return { begin }
  },
  'POST /empty': (operator, body) => {
    const hub = readText(readObject(body), 'hub')
    if (!operator.empty(hub)) throw new BadRequest(`there is no hub ${hub}`)
    return { hub }
  },
  'POST /grow': (operator, body) => {
    const fields = readObject(body)
    const hub = readText(fields, 'hub')
    const partitions = readNumber(fields, 'partitions', 1, HUB_PARTITIONS_MAX)
    if (!operator.grow(hub, partitions)) throw new BadRequest(`there is no hub ${hub}`)
    return { hub, partitions }
  },
}

/**
 * The operator's door: JSON over HTTP on loopback. 400 says what is wrong with a request, 404 what there
 * is.
 */
export function createControl(operator: Operator): Server {
  return createServer(async (request, response) => {
    const { status, body } = await answer(operator, request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
  })
}

async function answer(operator: Operator, request: IncomingMessage) {
  const route = ROUTES[`${request.method} ${request.url}`]
  if (route === undefined)
    return { status: 404, body: { error: 'no such route', routes: Object.keys(ROUTES) } }
  try {
    return { status: 200, body: route(operator, await readBody(request)) }
  } catch (error) {
    if (error instanceof BadRequest || error instanceof SyntaxError || error instanceof RangeError)
      return { status: 400, body: { error: error.message } }
    return { status: 500, body: { error: String(error) } }
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new BadRequest(`a body of at most ${BODY_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return bytes === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
