import { pipeline, type Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, createZstdDecompress, gunzip, zstdDecompress } from 'node:zlib'
import { type Dispatcher, request } from 'undici'
import type { z } from 'zod'
import { ContractError } from './contract-error.ts'
import { HISTORY_CODING } from './history.ts'
import { problem } from './problem.ts'

/**
 * Bytes of one reply, packed or unpacked; a larger one is refused, so that a bad peer cannot fill the
 * memory.
 */
const REPLY_BYTES_MAX = 256 * 1024 * 1024
/**
 * Milliseconds without a byte after which a call is given up; a long poll adds the time that it asked for.
 */
const SILENCE_MS_MAX = 15_000

/**
 * The same for a reply that comes line by line: before a line its record may have to be looked for, for which the
 * aggregator takes ten minutes at most.
 */
const STREAM_SILENCE_MS_MAX = 660_000
/** Bytes of one line; a larger one ends the reply. Four thirds of the largest record, and some. */
const LINE_BYTES_MAX = 32 * 1024 * 1024

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Milliseconds that the other side may keep us waiting on purpose. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
  /** What the reply may be packed against, in `HISTORY_CODING`. */
  readonly dictionary?: Buffer
}

export interface Reply {
  readonly status: number
  /** How the body was packed. */
  readonly coding: string
  readonly body: Buffer
}

/** Makes one call; resolves for every 2xx. Throws `ContractError`. */
export type Caller = (call: Call) => Promise<Reply>

/** A bearer token, or where the one of the moment is to be had. */
export type TokenSource = string | (() => string | undefined) | undefined

export function createCaller(url: string, token: TokenSource, dispatcher: Dispatcher): Caller {
  const base = url.replace(/\/+$/, '')
  return async (call) => {
    const answer = await send(base, presented(token), dispatcher, call)
    if (answer.status >= 200 && answer.status < 300) return answer
    throw refusal(call, answer)
  }
}

/**
 * Makes one call and gives the lines of its NDJSON reply as they come; who stops early ends it. Throws `ContractError`,
 * also for a reply that breaks off.
 */
export type Streamer = (call: Call) => AsyncGenerator<Buffer>

export function createStreamer(url: string, token: TokenSource, dispatcher: Dispatcher): Streamer {
  const base = url.replace(/\/+$/, '')
  return async function* (call) {
    const answer = await opened(base, presented(token), dispatcher, call)
    if (answer.statusCode < 200 || answer.statusCode >= 300) throw refusal(call, await whole(call, answer))
    try {
      yield* linesIn(unpacked(answer.body, answer.headers['content-encoding']))
    } catch (cause) {
      throw unreachable(call, cause)
    } finally {
      answer.body.destroy()
    }
  }
}

function presented(token: TokenSource): string | undefined {
  return typeof token === 'function' ? token() : token
}

/** A reply as the schema says it is. */
export function parseReply<T extends z.ZodType>(schema: T, call: string, reply: Reply): z.output<T> {
  return parseText(schema, call, reply.body, reply.status)
}

/** The lines of an NDJSON body, without their newlines. */
export function linesOf(body: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < body.length; ) {
    const newline = body.indexOf(10, from)
    const to = newline === -1 ? body.length : newline
    if (to > from) lines.push(body.subarray(from, to))
    from = to + 1
  }
  return lines
}

export function parseText<T extends z.ZodType>(
  schema: T,
  call: string,
  text: Buffer,
  status: number,
): z.output<T> {
  const parsed = schema.safeParse(json(text))
  if (parsed.success) return parsed.data
  const first = parsed.error.issues[0]
  const why = `${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`
  throw new ContractError('UNEXPECTED_REPLY', `${call} answered outside the contract (${why})`, status)
}

async function send(
  base: string,
  token: string | undefined,
  dispatcher: Dispatcher,
  call: Call,
): Promise<Reply> {
  return whole(call, await opened(base, token, dispatcher, call, SILENCE_MS_MAX))
}

async function opened(
  base: string,
  token: string | undefined,
  dispatcher: Dispatcher,
  call: Call,
  silenceMsMax = STREAM_SILENCE_MS_MAX,
): Promise<Dispatcher.ResponseData> {
  try {
    return await request(base + call.path, {
      dispatcher,
      method: call.method,
      headers: headersOf(token, call),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      headersTimeout: silenceMsMax + (call.waitMs ?? 0),
      bodyTimeout: silenceMsMax,
      signal: call.signal ?? null,
    })
  } catch (cause) {
    throw unreachable(call, cause)
  }
}

async function whole(call: Call, { statusCode, headers, body }: Dispatcher.ResponseData): Promise<Reply> {
  try {
    const coding = String(headers['content-encoding'] ?? 'identity')
    return { status: statusCode, coding, body: await unpack(await collect(body), coding, call.dictionary) }
  } catch (cause) {
    throw unreachable(call, cause)
  }
}

function unreachable(call: Call, cause: unknown): ContractError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ContractError('UNREACHABLE', `${call.method} ${call.path}: ${why}`, undefined, { cause })
}

function unpacked(body: Readable, encoding: string | string[] | undefined): Readable {
  if (encoding === undefined || encoding === 'identity') return body
  if (encoding !== 'zstd' && encoding !== 'gzip')
    throw new Error(`unknown content-encoding "${String(encoding)}"`)
  const unpacker = encoding === 'zstd' ? createZstdDecompress() : createGunzip()
  // A failure destroys the unpacker with its cause, and so reaches whoever reads from it.
  pipeline(body, unpacker, () => undefined)
  return unpacker
}

async function* linesIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    let from = 0
    const chunk = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      held.push(chunk.subarray(from, end))
      const line = Buffer.concat(held)
      if (line.length > 0) yield line
      held = []
      bytes = 0
      from = end + 1
    }
    held.push(chunk.subarray(from))
    bytes += chunk.length - from
    if (bytes > LINE_BYTES_MAX) throw new Error(`a line is larger than ${LINE_BYTES_MAX} bytes`)
  }
  if (bytes > 0) yield Buffer.concat(held)
}

function headersOf(token: string | undefined, call: Call): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    'accept-encoding': 'zstd, gzip',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...call.headers,
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.byteLength
    if (bytes > REPLY_BYTES_MAX) throw new Error(`the reply is larger than ${REPLY_BYTES_MAX} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function unpack(body: Buffer, coding: string, dictionary: Buffer | undefined): Promise<Buffer> {
  const bound = { maxOutputLength: REPLY_BYTES_MAX }
  if (coding === 'identity' || body.length === 0) return body
  if (coding === 'zstd') return promisify(zstdDecompress)(body, bound)
  if (coding === 'gzip') return promisify(gunzip)(body, bound)
  if (coding === HISTORY_CODING && dictionary !== undefined)
    return promisify(zstdDecompress)(body, { ...bound, dictionary })
  throw new Error(`unknown content-encoding "${coding}"`)
}

/** The refusal in the contract's own words where it used them. */
function refusal(call: Call, answer: Reply): ContractError {
  const said = problem.safeParse(json(answer.body))
  const at = `${call.method} ${call.path}`
  if (said.success)
    return new ContractError(said.data.error.code, `${at}: ${said.data.error.message}`, answer.status)
  return new ContractError('UNEXPECTED_REPLY', `${at}: HTTP ${answer.status}`, answer.status)
}

function json(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    return undefined
  }
}
