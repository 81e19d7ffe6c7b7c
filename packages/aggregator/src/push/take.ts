import { createHash } from 'node:crypto'
import type { Inbox } from '@weir/ingest'
import type { Clock } from '@weir/runtime'
import type { FastifyRequest } from 'fastify'
import { type BodyLimits, readBody } from './body.ts'
import { notCommitted, notRunning } from './refusal.ts'
import type { Room } from './room.ts'
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
  readonly bytes: Uint8Array
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
  { settings, inbox, room, clock }: PushContext,
  request: FastifyRequest,
  scope: readonly string[],
  limits: Omit<BodyLimits, 'msMax'>,
  prepare: (body: Buffer) => Prepared,
): Promise<Prepared> {
  if (!inbox.running) throw notRunning()
  const seat = room.enter()
  let pushed: ReturnType<Inbox['push']> | undefined
  try {
    const body = await readBody(request.raw, seat, { ...limits, msMax: settings.bodyMsMax }, clock)
    const prepared = prepare(body)
    const { bytes, dataset, records } = prepared
    if (bytes.length === 0) return prepared
    seat.hold(bytes.length)
    pushed = inbox.push({ bytes, dataset, key: keyOf(scope, body) })
    const repeated = (await inTime(pushed, settings.answerMsMax, clock)) === 'repeated'
    request.taken = { bytes: body.length, records, repeated }
    return prepared
  } finally {
    // A push that was not answered in time keeps its place as long as its bytes are held.
    if (pushed === undefined) seat.leave()
    else
      pushed.then(
        () => seat.leave(),
        () => seat.leave(),
      )
  }
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
