import type { Socket } from 'node:net'
import { type ERRORS, messageOf, type Report, WeirError } from '@weir/runtime'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

const STATUS = {
  BAD_REQUEST: 400,
  NO_TOKEN: 401,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  TOO_SLOW: 408,
  NO_LENGTH: 411,
  TOO_LARGE: 413,
  WRONG_TYPE: 415,
  BUSY: 429,
  INTERNAL: 500,
  NOT_RUNNING: 503,
} as const

export type PushCode = keyof typeof STATUS

/** A request of which nothing was kept, or of which nobody knows: why, and what to do about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** A code of ours, or one that the documentation of an API names. */
  readonly code: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    [code, status]: readonly [code: string, status: number],
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.code = code
    this.status = status
    this.headers = headers
  }
}

export function refusal(
  code: PushCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal([code, STATUS[code]], message, headers)
}

/** What a sender waits before it tries again; a commit takes far less, a line that starts anew about as long. */
const RETRY_SECONDS = 5
const RETRY = { 'retry-after': String(RETRY_SECONDS) }

export function busy(what: 'bytes' | 'requests'): Refusal {
  const bound = what === 'bytes' ? 'bytesWaitingMax' : 'requestsWaitingMax'
  return refusal('BUSY', `${bound} is reached; nothing was kept, send it again in ${RETRY_SECONDS} s`, RETRY)
}

export function notRunning(): Refusal {
  return refusal('NOT_RUNNING', `nothing is taken at the moment; send it again in ${RETRY_SECONDS} s`, RETRY)
}

/** Answered instead of 2xx: a repeat is recognised, so the sender loses nothing and counts nothing twice. */
export function notCommitted(): Refusal {
  return refusal('NOT_RUNNING', 'this is not known to be on disk; send the same again', RETRY)
}

export function tooLarge(bytesMax: number): Refusal {
  return refusal('TOO_LARGE', `the body is larger than ${bytesMax} bytes; send less at once`)
}

/** How an API writes a refusal; absent for the shape that Azure's and ours share. */
export type Wording = (refusal: Refusal) => { readonly status: number; readonly body: object }

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly wording?: Wording
  }
}

/** Answers whatever was thrown in the words of the API that was called; only our own fault is logged here. */
export function answerRefusal(report: Report, source: string) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const refused = refusalOf(error)
    if (refused.status === 500)
      report.event('warn', 'push_failed', { source, request: request.id, error: messageOf(error) }, [
        'source',
      ])
    const { status, body } = (request.routeOptions.config.wording ?? usual)(refused)
    reply.code(status).headers(refused.headers).send(body)
  }
}

export function answerUnknown(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0]
  const { status, body } = usual(
    refusal('NOT_FOUND', `there is no ${request.method} ${path}, or it is not configured`),
  )
  reply.code(status).send(body)
}

/** What is wrong before there is a route: a path that cannot be decoded, for one. */
export function answerBroken(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = usual(refusal('BAD_REQUEST', error.message))
  reply.code(status).header('x-request-id', request.id).send(body)
}

/** What is no HTTP at all; the connection ends with it. */
export function answerGarbage(newId: () => string) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const { status, body } = usual(refusal(late ? 'TOO_SLOW' : 'BAD_REQUEST', error.message))
    const text = JSON.stringify(body)
    const head = [
      `HTTP/1.1 ${status} ${late ? 'Request Timeout' : 'Bad Request'}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(text)}`,
      `x-request-id: ${newId()}`,
      'connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
  }
}

function usual({ status, code, message }: Refusal): ReturnType<Wording> {
  return { status, body: { error: { code, message } } }
}

/** The inbox rejects with it when the line stops before a commit. */
const STOPPED: keyof typeof ERRORS = 'SOURCE_UNREACHABLE'

function refusalOf(error: FastifyError): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof WeirError && error.code === STOPPED) return notCommitted()
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500) return refusal('BAD_REQUEST', error.message)
  return refusal('INTERNAL', "this failed; the aggregator's log has the cause at 'push_failed'")
}
