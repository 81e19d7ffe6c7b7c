import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import type { Clock } from '@weir/runtime'
import { refusal, tooLarge } from './refusal.ts'
import type { Seat } from './room.ts'

type Coding = 'gzip' | 'zstd'

export interface BodyLimits {
  /** Bytes, both as sent and decompressed. */
  readonly bytesMax: number
  readonly msMax: number
  /** Codings that the API takes; none for one that knows of no coding. */
  readonly codings: readonly Coding[]
}

/**
 * The whole body, decompressed; the seat holds its bytes. Throws a `Refusal` for one that is too large, too slow, damaged
 * or too much at the moment, and rejects when the sender breaks off. Never holds more than the limit.
 */
export async function readBody(
  raw: IncomingMessage,
  seat: Seat,
  limits: BodyLimits,
  clock: Clock,
): Promise<Buffer> {
  const coding = codingOf(raw, limits)
  const length = Number(raw.headers['content-length'] ?? 0)
  if (length > limits.bytesMax) throw tooLarge(limits.bytesMax)
  seat.hold(length)
  const bytes = await received(raw, seat, limits, clock)
  return coding === undefined ? bytes : await decompressed(bytes, coding, seat, limits.bytesMax)
}

/** As much of a refused body as is read and thrown away; one that says it is longer is answered and cut off at once. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024
/** Time for that; then the answer goes out, and a sender that still writes may not see it. */
const DISCARDED_MS_MAX = 10_000

/** True for a refused body that is not worth reading to its end. */
export function isEndless({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > DISCARDED_BYTES_MAX
}

/** Lets what is left of a refused body run by: most senders read no answer before they have written everything. */
export async function discard(raw: IncomingMessage, clock: Clock): Promise<void> {
  if (raw.complete || raw.destroyed) return
  const done = new AbortController()
  let bytes = 0
  raw.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > DISCARDED_BYTES_MAX) raw.destroy()
  })
  for (const event of ['end', 'close', 'error']) raw.once(event, () => done.abort())
  raw.resume()
  await clock.sleep(DISCARDED_MS_MAX, done.signal)
}

function codingOf(raw: IncomingMessage, { codings }: BodyLimits): Coding | undefined {
  const named = (raw.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (named === 'identity' || named === '') return undefined
  const coding = codings.find((each) => each === named)
  if (coding !== undefined) return coding
  throw refusal('WRONG_TYPE', `content-encoding ${named} is not taken; ${codings.join(' and ') || 'none'} is`)
}

/** Reads by events: to leave an iteration early would destroy the connection, and with it the answer. */
function received(raw: IncomingMessage, seat: Seat, limits: BodyLimits, clock: Clock): Promise<Buffer> {
  const length = raw.headers['content-length']
  const into = length === undefined ? new Growing(seat, limits.bytesMax) : new Fixed(Number(length))
  const over = new AbortController()
  const done = Promise.withResolvers<Buffer>()
  const take = (chunk: Buffer): void => {
    try {
      into.add(chunk)
    } catch (error) {
      done.reject(error)
    }
  }
  const end = (): void => done.resolve(into.whole())
  const fail = (): void => done.reject(brokenOff())
  raw.on('data', take).on('end', end).on('error', fail).on('close', fail)
  clock.sleep(limits.msMax, over.signal).then(() => done.reject(tooSlow(limits.msMax)))
  return done.promise.finally(() => {
    over.abort()
    raw.off('data', take).off('end', end).off('error', fail).off('close', fail)
  })
}

/** A body whose length was told, and held; it is written into its place, so that it is in memory once. */
class Fixed {
  readonly #bytes: Buffer
  #at = 0

  constructor(length: number) {
    this.#bytes = Buffer.allocUnsafe(length)
  }

  add(chunk: Buffer): void {
    this.#at += chunk.copy(this.#bytes, this.#at)
  }

  whole(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }
}

/** A body of unknown length, held as it comes. */
class Growing {
  readonly #seat: Seat
  readonly #bytesMax: number
  readonly #chunks: Buffer[] = []
  #bytes = 0

  constructor(seat: Seat, bytesMax: number) {
    this.#seat = seat
    this.#bytesMax = bytesMax
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#bytesMax) throw tooLarge(this.#bytesMax)
    this.#seat.hold(this.#bytes)
    this.#chunks.push(chunk)
  }

  whole(): Buffer {
    return Buffer.concat(this.#chunks, this.#bytes)
  }
}

/** Nobody is there to read it. */
function brokenOff(): Error {
  return refusal('BAD_REQUEST', 'the body broke off; nothing of it was kept')
}

function tooSlow(msMax: number): Error {
  const message = `the body did not arrive within ${msMax} ms; nothing of it was kept`
  return refusal('TOO_SLOW', message, { connection: 'close' })
}

const INFLATE = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const

/** Holds as much as there could be until it is known how much there is. */
async function decompressed(bytes: Buffer, coding: Coding, seat: Seat, bytesMax: number): Promise<Buffer> {
  seat.hold(bytes.length + bytesMax)
  try {
    const plain = await INFLATE[coding](bytes, { maxOutputLength: bytesMax })
    seat.hold(plain.length)
    return plain
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax)
    throw refusal('BAD_REQUEST', `the body says it is ${coding}, and cannot be read as that`)
  }
}
