import { createHmac } from 'node:crypto'
import type { TokenCredential } from '@azure/identity'
import { type Clock, WeirError } from '@weir/runtime'
import { isLoopback, partsOf, refuseConnectionString } from '../connection-string.ts'
import { credentialOf } from '../credential.ts'
import type { EventHubsConfig } from './config.ts'
import { type WebSocketClass, webSocketThrough } from './web-socket.ts'

/** Proof for one audience, as `$cbs` takes it. */
export interface Token {
  readonly token: string
  readonly type: string
  /** Epoch milliseconds. */
  readonly expires: number
}

/** Where the service is and how we prove who we are. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly transport: 'tcp' | 'tls' | 'websocket'
  /** For `websocket`, with the proxy that it goes through. */
  readonly webSocket: WebSocketClass | undefined
  /** For people. */
  readonly line: string
  /** `sb://host/`: what audiences begin with. */
  readonly audience: string
  /** What the SDK is given: a credential, or the connection string of a local emulator. */
  readonly proof: TokenCredential | string
  token(audience: string): Promise<Token>
}

const PORTS = { tcp: 5672, tls: 5671, websocket: 443 } as const
const SCOPE = 'https://eventhubs.azure.net//.default'
const SHARED_KEY_MS = 3_600_000

/**
 * The endpoint of a configuration. Throws `WeirError` CONFIG_INVALID for a connection string that is not for a
 * local emulator: without `UseDevelopmentEmulator=true`, or to a host that is not this machine; and for a proxy
 * that would not be used, or cannot be.
 */
export function endpointOf(config: EventHubsConfig, clock: Clock): Endpoint {
  const { auth, transport } = config
  checkProxy(config)
  if (auth.kind === 'emulator') return emulatorEndpoint(config.name, auth.connectionString, clock)
  const way = transport === 'websocket' ? 'websocket' : 'tls'
  const { host, port } = hostAndPort(auth.namespace, PORTS[way])
  const credential = credentialOf(auth)
  const audience = `sb://${host}/`
  const webSocket = way === 'websocket' ? webSocketThrough(config.proxy) : undefined
  const token = () => entraToken(credential)
  const line = lineOf(config, host, port)
  return { host, port, transport: way, webSocket, line, audience, proof: credential, token }
}

/** A WebSocket tells no more than that it did not open, so it helps to know which way it went. */
function lineOf({ transport, proxy }: EventHubsConfig, host: string, port: number): string {
  const kind = transport === 'websocket' ? 'WebSocket' : 'connection'
  return `the ${kind} to ${host}:${port}${proxy === undefined ? '' : ` through ${proxy}`}`
}

function checkProxy({ name, auth, transport, proxy }: EventHubsConfig): void {
  if (proxy === undefined) return
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined
  const refuse = (why: string) => new WeirError('CONFIG_INVALID', `source ${name}: proxy: ${why}`)
  if (transport !== 'websocket' || auth.kind !== 'entra')
    throw refuse('a proxy lets only WebSockets through; set transport to "websocket"')
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw refuse(`"${proxy}" is no URL of a proxy, such as "http://proxy.contoso.example:8080"`)
  if (url.username !== '' || url.password !== '')
    throw refuse('a name and password do not belong into the configuration; give the URL as HTTPS_PROXY')
}

function emulatorEndpoint(source: string, connectionString: string, clock: Clock): Endpoint {
  const parts = partsOf(connectionString)
  if (parts.get('usedevelopmentemulator')?.toLowerCase() !== 'true')
    throw refuseConnectionString(source, 'the connection string lacks UseDevelopmentEmulator=true')
  const address = (parts.get('endpoint') ?? '').replace(/^sb:\/\//, '').replace(/\/$/, '')
  const { host, port } = hostAndPort(address, PORTS.tcp)
  if (!isLoopback(host))
    throw refuseConnectionString(source, `the connection string leads to "${host}", not to this machine`)
  const keyName = parts.get('sharedaccesskeyname') ?? ''
  const key = parts.get('sharedaccesskey') ?? ''
  const token = async (audience: string): Promise<Token> =>
    sharedKeyToken(keyName, key, audience, clock.now())
  // Written anew, so that nobody reads a part in it that was not looked at here.
  const endpoint = `Endpoint=sb://${address};SharedAccessKeyName=${keyName};SharedAccessKey=${key}`
  const proof = `${endpoint};UseDevelopmentEmulator=true`
  const line = `the connection to ${host}:${port}`
  const way = { host, port, transport: 'tcp', webSocket: undefined, line } as const
  return { ...way, audience: `sb://${address}/`, proof, token }
}

function hostAndPort(address: string, port: number): { host: string; port: number } {
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(address)
  const host = (parts?.[1] ?? address).replace(/^\[|\]$/g, '')
  return { host, port: parts?.[2] === undefined ? port : Number(parts[2]) }
}

async function entraToken(credential: TokenCredential): Promise<Token> {
  const { token, expiresOnTimestamp } = (await credential.getToken(SCOPE))!
  return { token, type: 'jwt', expires: expiresOnTimestamp }
}

function sharedKeyToken(keyName: string, key: string, audience: string, now: number): Token {
  const expires = now + SHARED_KEY_MS
  const resource = encodeURIComponent(audience)
  const seconds = Math.floor(expires / 1000)
  const signature = createHmac('sha256', key).update(`${resource}\n${seconds}`).digest('base64')
  const fields = `sr=${resource}&sig=${encodeURIComponent(signature)}&se=${seconds}&skn=${encodeURIComponent(keyName)}`
  return { token: `SharedAccessSignature ${fields}`, type: 'servicebus.windows.net:sastoken', expires }
}
