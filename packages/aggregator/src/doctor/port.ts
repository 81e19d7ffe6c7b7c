import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createServer } from 'node:net'
import { createSecureContext } from 'node:tls'
import { type Clock, WeirError } from '@weir/runtime'
import { firstEnd, lastEnd } from '../certificate-end.ts'
import type { TlsFiles } from '../tls.ts'

/** Where a server of ours listens, or is to. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly tls?: TlsFiles | undefined
}

/** Who holds the port must answer within so many milliseconds to be taken for one of ours. */
const ANSWER_MS_MAX = 5_000

/**
 * Says whether a port is free, or that one of ours answers on it: `ours` says what it is by its answer to
 * `/v1/health`, or nothing. Throws for anything else.
 */
export async function lookAtPort(
  place: Place,
  ours: (health: unknown) => string | undefined,
): Promise<string> {
  const at = `${place.host}:${place.port}`
  if (await isFree(place)) return place.port === 0 ? 'any free port' : `${at} is free`
  if (place.tls?.ca !== undefined)
    return `${at} is held by who asks for a certificate, as this aggregator would`
  const found = ours(await healthAt(place))
  if (found !== undefined) return `${at} answers: ${found}`
  throw new Error(`${at} is held by something else`)
}

/** Says that the certificate and its key can be read and belong together, and how long they do. Throws otherwise. */
export async function lookAtTls({ cert, key, ca }: TlsFiles, clock: Clock): Promise<string> {
  const [own = '', ownKey, trusted] = await Promise.all(
    [cert, key, ...(ca === undefined ? [] : [ca])].map(readPem),
  )
  createSecureContext({ cert: own, key: ownKey, ca: trusted })
  const ends = new Date(firstEnd(own)).toISOString()
  if (firstEnd(own) <= clock.now()) throw new Error(`${cert} ended at ${ends}`)
  const found = `${cert} and its key, until ${ends}`
  if (trusted === undefined) return found
  const last = new Date(lastEnd(trusted)).toISOString()
  if (lastEnd(trusted) <= clock.now()) throw new Error(`${ca}, which vouches for clients, ended at ${last}`)
  return `${found}; clients show a certificate of ${ca}, until ${last}`
}

/** Rejects when the address is not ours to listen on, or the port is not for this account. */
async function isFree({ host, port }: Place): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  } finally {
    server.close()
  }
}

/** No secret goes there, so it does not matter whose certificate answers. */
async function healthAt({ host, port, tls }: Place): Promise<unknown> {
  const ask = tls === undefined ? request : secureRequest
  const signal = AbortSignal.timeout(ANSWER_MS_MAX)
  const asked = ask({ host, port, path: '/v1/health', signal, rejectUnauthorized: false, agent: false })
  try {
    asked.end()
    const [answer] = await once(asked, 'response')
    return JSON.parse(await textOf(answer))
  } catch {
    return undefined
  }
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk.toString('utf8')
  return text
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new WeirError('CONFIG_INVALID', `cannot read ${path}`, { cause })
  }
}
