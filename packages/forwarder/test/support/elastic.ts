import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { AlertV1 } from '@weir/contract'
import { Watched } from './until.ts'

type Kind = 'index' | 'alias' | 'data stream'

interface Action {
  readonly _id: string
  readonly version?: number
  readonly version_type?: string
}

interface Line {
  readonly op: string
  readonly action: Action
  readonly document: AlertV1
}

interface Item {
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string }
}

export const API_KEY = 'aWQ6a2V5'

/** Elasticsearch's `_bulk` as its documentation and a real OpenSearch have it, with one target, and faults on demand. */
export class ElasticStandIn {
  readonly watched = new Watched()
  readonly target: string
  readonly kind: Kind
  /** What stands under each `_id`. */
  readonly documents = new Map<string, { readonly version: number; readonly document: AlertV1 }>()
  /** `id revision` of every line that was written, or was there already. */
  readonly arrived: string[] = []
  /** The lines of each `_bulk` request that was read. */
  readonly requests: number[] = []
  /** Paths with their queries, in order. */
  readonly paths: string[] = []
  greeting: object = { version: { number: '9.2.0' }, tagline: 'You Know, for Search' }
  /** Answered to everything while it is set. */
  refuses: number | undefined
  exists = true
  hasTemplate = true
  bytesMax = Number.POSITIVE_INFINITY
  /** Answers that are cut short: the connection ends within them, or they end orderly and too early. */
  readonly broken: ('connection' | 'body')[] = []
  /** Says for a line what becomes of it, where that is not the usual. */
  item: (id: string, line: Line) => Item | undefined = () => undefined
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response))

  constructor(kind: Kind = 'index', target = 'weir-alerts') {
    this.kind = kind
    this.target = target
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://x')
    this.paths.push(`${request.method} ${pathname}${search}`)
    const body = await bodyOf(request)
    if (this.refuses !== undefined) reply(response, this.refuses, problem(this.refuses))
    else if (request.headers.authorization !== `ApiKey ${API_KEY}`) reply(response, 401, problem(401))
    else if (pathname === '/') reply(response, 200, this.greeting)
    else if (pathname === `/_resolve/index/${this.target}`) reply(response, 200, this.#resolved())
    else if (pathname.startsWith('/_index_template/_simulate')) reply(response, 200, this.#simulated())
    else if (pathname === `/${this.target}/_bulk`) this.#bulk(request, response, body)
    else reply(response, 404, problem(404))
    this.watched.changed()
  }

  #resolved(): object {
    const of = (kind: Kind) => (this.exists && this.kind === kind ? [{ name: this.target }] : [])
    return { indices: of('index'), aliases: of('alias'), data_streams: of('data stream') }
  }

  #simulated(): object {
    const alert = { properties: { id: { type: 'keyword' } } }
    const mappings = { properties: { weir: { properties: { alert } } } }
    return this.hasTemplate ? { template: { mappings }, overlapping: [] } : {}
  }

  #bulk(request: IncomingMessage, response: ServerResponse, body: string): void {
    const wrong = this.#wrong(request, body)
    if (wrong === undefined) this.#take(response, body)
    else reply(response, wrong, problem(wrong))
  }

  #wrong(request: IncomingMessage, body: string): number | undefined {
    if (request.headers['content-type'] !== 'application/x-ndjson') return 406
    if (body.length > this.bytesMax) return 413
    return body.endsWith('\n') ? undefined : 400
  }

  #take(response: ServerResponse, body: string): void {
    const lines = linesOf(body)
    this.requests.push(lines.length)
    const items = lines.map((line) => ({ [line.op]: this.#write(line) }))
    const broken = this.broken.shift()
    if (broken === undefined) reply(response, 200, { items })
    else breakOff(response, JSON.stringify({ items }), broken)
  }

  #write(line: Line): Item {
    const { op, action, document } = line
    const { id, revision } = document.weir.alert
    const told = this.item(id, line)
    if (told !== undefined) return told
    if (this.kind === 'data stream' && op !== 'create')
      return {
        status: 400,
        error: { type: 'illegal_argument_exception', reason: 'only create in data streams' },
      }
    this.arrived.push(`${id} ${revision}`)
    const had = this.documents.get(action._id)
    const version = action.version_type === 'external' ? action.version! : (had?.version ?? 0) + 1
    const conflict = op === 'create' ? had !== undefined : had !== undefined && version <= had.version
    if (conflict)
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'version conflict' } }
    this.documents.set(action._id, { version, document })
    return { status: had === undefined ? 201 : 200 }
  }
}

function linesOf(body: string): Line[] {
  const texts = body.slice(0, -1).split('\n')
  return texts.flatMap((text, i) => {
    if (i % 2 === 1) return []
    const [[op, action]] = Object.entries(JSON.parse(text) as Record<string, Action>) as [[string, Action]]
    return [{ op, action, document: JSON.parse(texts[i + 1] ?? '') as AlertV1 }]
  })
}

function problem(status: number): object {
  return { error: { type: 'as_told', reason: 'as told' }, status }
}

/** Half an answer; its end is announced too far off, or is where it breaks. */
function breakOff(response: ServerResponse, text: string, how: 'connection' | 'body'): void {
  const half = text.slice(0, Math.floor(text.length / 2))
  if (how === 'body') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(half)
    return
  }
  response.writeHead(200, { 'content-length': text.length })
  response.write(half, () => response.destroy())
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const whole = Buffer.concat(parts)
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole).toString()
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
