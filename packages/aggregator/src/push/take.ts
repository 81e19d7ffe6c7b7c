import { createHash } from 'node:crypto'
import type { Inbox } from '@weir/ingest'
import type { Clock } from '@weir/runtime'
import type { FastifyRequest } from 'fastify'
import { type BodyLimits, readBody } from './body.ts'
import { notCommitted, notRunning } from './refusal.ts'
import type { Room, Seat } from './room.ts'
import type { PushSettings } from './settings.ts'

/** What the three ways in share. */
export interface PushContext {
  readonly settings: PushSettings
  readonly inbox: Inbox
  readonly room: Room
  readonly clock: Clock
}

/** A body as the line will read it. */
export interface Prepared {
  readonly pieces: readonly Uint8Array[]
  readonly dataset: string
  readonly records: number
  /** Pieces that are no record; the line puts them into quarantine. */
  readonly unreadable?: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What was taken of it, for the access log. */
    taken: { readonly bytes: number; readonly records: number; readonly repeated: boolean } | undefined
  }
}

/**
 * Receives a body, has it prepared and resolves once the commit that covers it is on disk. Throws a `Refusal`
 * otherwise. `scope` is all that says what the body means and does not stand in it: two requests are the same when
 * scope and body are.
 */
export async function take(
  context: PushContext,
  request: FastifyRequest,
  scope: readonly string[],
  limits: Omit<BodyLimits, 'msMax'>,
  prepare: (body: Buffer) => Prepared,
): Promise<Prepared> {
  const { settings, inbox, room, clock } = context
  if (!inbox.running) throw notRunning()
  const seat = room.enter()
  let pushed: ReturnType<Inbox['push']> | undefined
  try {
    const { prepared, key, bytes } = await receive(context, request, seat, scope, limits, prepare)
    const { pieces, dataset, records } = prepared
    if (pieces.length === 0) return prepared
    pushed = inbox.push({ pieces, dataset, key })
    const repeated = (await inTime(pushed, settings.answerMsMax, clock)) === 'repeated'
    request.taken = { bytes, records, repeated }
    return prepared
  } finally {
    // A push that was not answered in time keeps its place as long as its bytes are held.
    if (pushed === undefined) seat.leave()
    else pushed.then(() => seat.leave()).catch(() => seat.leave())
  }
}

/** In a function of its own, so that nobody holds the body any more while its pieces wait for their commit. */
async function receive(
  { settings, clock }: PushContext,
  request: FastifyRequest,
  seat: Seat,
  scope: readonly string[],
  limits: Omit<BodyLimits, 'msMax'>,
  prepare: (body: Buffer) => Prepared,
): Promise<{ readonly prepared: Prepared; readonly key: string; readonly bytes: number }> {
  const body = await readBody(request.raw, seat, { ...limits, msMax: settings.bodyMsMax }, clock)
  const prepared = prepare(body)
  seat.hold(prepared.pieces.reduce((sum, piece) => sum + piece.length, 0))
  return { prepared, key: keyOf(scope, body), bytes: body.length }
}

/** 128 bits of what was asked; by what a repeat is known. */
function keyOf(scope: readonly string[], body: Buffer): string {
  const digest = createHash('sha256').update(JSON.stringify(scope)).update(body).digest()
  return digest.subarray(0, 16).toString('base64url')
}

async function inTime<T>(work: Promise<T>, msMax: number, clock: Clock): Promise<T> {
  const done = new AbortController()
  const late = clock.sleep(msMax, done.signal).then((): never => {
    throw notCommitted()
  })
  // Ends by rejecting too when the work was in time; nobody looks at it then.
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}
