import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createServer } from 'node:net'
import { createSecureContext } from 'node:tls'
import { healthReply } from '@weir/contract'
import { WeirError } from '@weir/runtime'
import type { AggregatorConfig } from '../config.ts'

type ApiConfig = AggregatorConfig['api']

/** Who holds the port must answer within so many milliseconds to be taken for an aggregator. */
const ANSWER_MS_MAX = 5_000

/** Says whether the port is free, or that an aggregator answers on it. Throws for anything else. */
export async function lookAtPort(api: ApiConfig): Promise<string> {
  const at = `${api.host}:${api.port}`
  if (await isFree(api)) return api.port === 0 ? 'any free port' : `${at} is free`
  if (api.tls?.ca !== undefined)
    return `${at} is held by who asks for a certificate, as this aggregator would`
  const version = await aggregatorAt(api)
  if (version !== undefined) return `${at} answers: an aggregator, version ${version}`
  throw new Error(`${at} is held by something that is no aggregator`)
}

/** Says that the certificate and its key can be read and belong together. Throws otherwise. */
export async function lookAtTls({ cert, key, ca }: NonNullable<ApiConfig['tls']>): Promise<string> {
  const files = await Promise.all([cert, key, ...(ca === undefined ? [] : [ca])].map(readPem))
  createSecureContext({ cert: files[0], key: files[1], ca: files[2] })
  return ca === undefined ? `${cert} and its key` : `${cert} and its key; clients show a certificate of ${ca}`
}

/** Rejects when the address is not ours to listen on, or the port is not for this account. */
async function isFree({ host, port }: ApiConfig): Promise<boolean> {
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
async function aggregatorAt({ host, port, tls }: ApiConfig): Promise<string | undefined> {
  const ask = tls === undefined ? request : secureRequest
  const signal = AbortSignal.timeout(ANSWER_MS_MAX)
  const asked = ask({ host, port, path: '/v1/health', signal, rejectUnauthorized: false, agent: false })
  try {
    asked.end()
    const [answer] = await once(asked, 'response')
    return versionIn(await textOf(answer))
  } catch {
    return undefined
  }
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk.toString('utf8')
  return text
}

function versionIn(text: string): string | undefined {
  const reply = healthReply.safeParse(JSON.parse(text))
  return reply.success ? reply.data.version : undefined
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new WeirError('CONFIG_INVALID', `cannot read ${path}`, { cause })
  }
}
