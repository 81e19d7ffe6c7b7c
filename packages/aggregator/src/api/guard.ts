import { createHash, timingSafeEqual } from 'node:crypto'
import type { Role, StoredToken } from '@weir/model'
import type { FastifyRequest } from 'fastify'
import type { ApiContext } from './context.ts'
import { RateLimit } from './rate-limit.ts'
import { Refusal } from './refusal.ts'

/** Who may call a route; what says nothing is served to nobody. */
export type Access = 'anyone' | readonly Role[]

/** An admin may read whatever a reader may. */
export const READERS: Access = ['reader', 'admin']
export const FORWARDERS: Access = ['forwarder']

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: Access
  }
  interface FastifyRequest {
    /** Whose token it came with; empty on a route for anyone. */
    caller: string
  }
}

/** A hook that lets a request through to its route, or throws a `Refusal`. */
export function guard({ tokens, clock, limits }: ApiContext): (request: FastifyRequest) => Promise<void> {
  const known = tokens.map((token) => ({ token, hash: Buffer.from(token.hash, 'hex') }))
  const rate = new RateLimit(limits.requestsPerMinuteMax)
  return async (request) => {
    if (request.is404) return
    const access = request.routeOptions.config.access ?? []
    if (access === 'anyone') return
    const token = identify(known, request.headers.authorization)
    const waitSeconds = rate.take(token.name, clock.now())
    if (waitSeconds > 0) throw tooMany(token, limits.requestsPerMinuteMax, waitSeconds)
    if (!access.includes(token.role)) throw wrongRole(token, access)
    request.caller = token.name
  }
}

interface KnownToken {
  readonly token: StoredToken
  readonly hash: Buffer
}

/** Compares with every token, so that the time taken tells nothing about any. */
function identify(known: readonly KnownToken[], header: string | undefined): StoredToken {
  const presented = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
  if (presented === undefined) throw noToken('this needs a token; send it as "Authorization: Bearer <token>"')
  const hash = createHash('sha256').update(presented).digest()
  let found: StoredToken | undefined
  for (const each of known)
    if (each.hash.length === hash.length && timingSafeEqual(each.hash, hash)) found = each.token
  if (found === undefined)
    throw noToken('the token is not known here; compare it with `tokens` in the configuration')
  return found
}

function noToken(message: string): Refusal {
  return new Refusal('NO_TOKEN', message, { 'www-authenticate': 'Bearer' })
}

function wrongRole(token: StoredToken, access: readonly Role[]): Refusal {
  const wanted = access.join(' or ')
  return new Refusal(
    'WRONG_ROLE',
    `the token "${token.name}" is a ${token.role}'s; this takes one of ${wanted}`,
  )
}

function tooMany(token: StoredToken, requestsMax: number, waitSeconds: number): Refusal {
  const message = `"${token.name}" made more than ${requestsMax} requests in a minute; wait ${waitSeconds} s`
  return new Refusal('TOO_MANY', message, { 'retry-after': String(waitSeconds) })
}
