import { EnvHttpProxyAgent, ProxyAgent, WebSocket } from 'undici'

export type WebSocketClass = new (url: string | URL, protocols?: string | string[]) => WebSocket

/**
 * WebSockets through an HTTP proxy by CONNECT: the one given, or else that which HTTPS_PROXY names for a host that
 * NO_PROXY does not; without either straight to the host.
 */
export function webSocketThrough(proxy: string | undefined): WebSocketClass {
  const dispatcher =
    proxy === undefined ? new EnvHttpProxyAgent() : new ProxyAgent({ uri: proxy, allowH2: false })
  return class extends WebSocket {
    constructor(url: string | URL, protocols: string | string[] = []) {
      super(url, { protocols, dispatcher })
    }
  }
}
