import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Asks the HTTP proxy at the other end of a connection to let it through to `to`, a host and port. Rejects
 * with what the proxy said instead.
 */
export async function openTunnel(tcp: Socket, proxy: URL, to: string, signal: AbortSignal): Promise<void> {
  const headers = { host: to, ...authorization(proxy) }
  const asked = request({ method: 'CONNECT', path: to, headers, createConnection: () => tcp, signal })
  asked.end()
  const [answer, , rest] = (await once(asked, 'connect', { signal })) as [IncomingMessage, Socket, Buffer]
  const { statusCode = 0 } = answer
  if (statusCode < 200 || statusCode > 299) throw new Error(refusal(proxy, to, statusCode))
  if (rest.length > 0) tcp.unshift(rest)
}

function refusal({ host, username }: URL, to: string, status: number): string {
  if (status !== 407) return `the proxy ${host} does not let us through to ${to}: it answered ${status}`
  return username === ''
    ? `the proxy ${host} wants a name and a password (407): give "proxy" as a reference to http://NAME:PASSWORD@${host}`
    : `the proxy ${host} does not take the name and the password in "proxy" (407)`
}

function authorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
