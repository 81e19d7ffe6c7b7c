import type { Socket } from 'node:net'
import type { Problem, ProblemCode } from '@weir/contract'
import { messageOf, type Report, WeirError } from '@weir/runtime'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'

const STATUS: Readonly<Record<ProblemCode, number>> = {
  BAD_REQUEST: 400,
  NO_TOKEN: 401,
  WRONG_ROLE: 403,
  NOT_FOUND: 404,
  SESSION_TAKEN: 409,
  NO_SESSION: 409,
  FEED_AHEAD: 409,
  TOO_LARGE: 413,
  TOO_MANY: 429,
  INTERNAL: 500,
  NOT_RUNNING: 503,
}

/** A request that is not served: why, and what to do about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ProblemCode
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.code = code
    this.headers = headers
  }
}

/** Answers whatever was thrown in the contract's one shape; only what is our own fault is logged. */
export function answerError(report: Report) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const refusal = refusalOf(error)
    const status = STATUS[refusal.code]
    if (status >= 500) {
      const details = { method: request.method, route: routeOf(request), error: messageOf(error) }
      report.event('warn', 'api_failed', details, ['route'])
    }
    reply.code(status).headers(refusal.headers).send(problemOf(refusal))
  }
}

export function answerUnknown(request: FastifyRequest, reply: FastifyReply): void {
  const message = `there is no ${request.method} ${pathOf(request)}; /openapi.json lists what there is`
  reply.code(STATUS.NOT_FOUND).send(problemOf(new Refusal('NOT_FOUND', message)))
}

/** The same for what is wrong before there is a route: a path that cannot be decoded, for one. */
export function answerBroken(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  reply.code(STATUS.BAD_REQUEST).send(problemOf(new Refusal('BAD_REQUEST', error.message)))
}

/** The same for what is no HTTP at all; the connection ends with it. */
export function answerGarbage(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const body = JSON.stringify(
    problemOf(new Refusal('BAD_REQUEST', `this is no HTTP request: ${error.message}`)),
  )
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`)
}

/** The template of the route, so that logs and metrics stay few. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown'
}

function problemOf(refusal: Refusal): Problem {
  return { error: { code: refusal.code, message: refusal.message } }
}

function refusalOf(error: FastifyError): Refusal {
  if (error instanceof Refusal) return error
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error)
  if (error instanceof WeirError && error.code === 'WRONG_USE')
    return new Refusal('BAD_REQUEST', error.message)
  const status = error.statusCode ?? 500
  if (status === 413)
    return new Refusal('TOO_LARGE', 'the body is larger than `bodyBytesMax`; send less at once')
  if (status >= 400 && status < 500)
    return new Refusal('BAD_REQUEST', `${error.message}; /openapi.json says what is taken`)
  return new Refusal('INTERNAL', "the aggregator failed; its log has the cause at 'api_failed'")
}

/** Every mistake with its place: `query limit: …; body lanes.urgent.seq: …`. */
function invalid(error: FastifyError): Refusal {
  const part = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'request')
  const mistakes = (error.validation ?? []).map((issue) => {
    const path = issue.instancePath.slice(1).replaceAll('/', '.')
    return `${part} ${path}`.trimEnd().concat(`: ${issue.message}`)
  })
  return new Refusal('BAD_REQUEST', `${mistakes.join('; ')}; /openapi.json says what is taken`)
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url
}
