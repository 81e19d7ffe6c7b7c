import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of a request instead of its answer, or of its answer. */
export type HttpFault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The answer begins, and the connection breaks after so many bytes of its body. */
  | { readonly cutAfter: number }
  /** The answer is whole by its headers, but its body has only so many bytes. */
  | { readonly shortenTo: number }

interface Planned {
  skip: number
  left: number
  readonly fault: HttpFault
  readonly matching: RegExp
}

/** Stands between a client and an HTTP service on this machine, and spoils what it is told to. */
export class FaultProxy {
  readonly #server: Server
  readonly #target: URL
  readonly #planned: Planned[] = []
  /** Faults that struck. */
  struck = 0

  private constructor(target: URL) {
    this.#target = target
    this.#server = createServer((asked, answer) => this.#serve(asked, answer))
  }

  /** @param target `http://127.0.0.1:10000` */
  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The next requests whose method and path match, after so many that pass unharmed. */
  plan(times: number, fault: HttpFault, matching = /./, skip = 0): void {
    this.#planned.push({ skip, left: times, fault, matching })
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(asked: IncomingMessage, answer: ServerResponse): void {
    const fault = this.#faultOf(`${asked.method} ${asked.url}`)
    if (fault !== undefined && 'status' in fault) {
      answer.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    const { hostname, port } = this.#target
    const { method, url: path, headers } = asked
    const forward = request({ hostname, port, method, path, headers }, (got) => pass(got, answer, fault))
    forward.on('error', () => answer.destroy())
    asked.pipe(forward)
  }

  #faultOf(line: string): HttpFault | undefined {
    const plan = this.#planned.find(({ left, matching }) => left > 0 && matching.test(line))
    if (plan === undefined) return undefined
    if (plan.skip > 0) {
      plan.skip--
      return undefined
    }
    plan.left--
    this.struck++
    return plan.fault
  }
}

function pass(got: IncomingMessage, answer: ServerResponse, fault: HttpFault | undefined): void {
  if (fault === undefined) {
    answer.writeHead(got.statusCode!, got.headers)
    got.pipe(answer)
    return
  }
  const parts: Buffer[] = []
  got.on('data', (part: Buffer) => parts.push(part))
  got.on('end', () => spoil(Buffer.concat(parts), got, answer, fault))
}

function spoil(body: Buffer, got: IncomingMessage, answer: ServerResponse, fault: HttpFault): void {
  if ('shortenTo' in fault) {
    const part = body.subarray(0, fault.shortenTo)
    const { 'transfer-encoding': _, ...headers } = got.headers
    answer.writeHead(got.statusCode!, { ...headers, 'content-length': String(part.length) }).end(part)
  } else if ('cutAfter' in fault) {
    answer.writeHead(got.statusCode!, { ...got.headers })
    answer.write(body.subarray(0, fault.cutAfter), () => answer.destroy())
  }
}
