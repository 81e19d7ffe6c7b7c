import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { CertificateMark } from './context.ts'

/** The client certificate of a connection, whose chain TLS has verified. */
export interface Peer {
  /** Lower-case hexadecimal. */
  readonly sha256: string
  /** Of the subject's other names: DNS names, URIs, mail and IP addresses. */
  readonly names: readonly string[]
  /** Epoch milliseconds. */
  readonly endsAt: number
}

/** Who is at the other end of a request's connection; `undefined` where no certificate was asked for. */
export function peerOf(request: IncomingMessage | Http2ServerRequest): Peer | undefined {
  const socket = 'stream' in request ? request.stream.session?.socket : request.socket
  if (socket === undefined) return undefined
  if (!PEERS.has(socket)) PEERS.set(socket, readPeer(socket as TLSSocket))
  return PEERS.get(socket)
}

/** A certificate is read once for all requests of its connection. */
const PEERS = new WeakMap<object, Peer | undefined>()

function readPeer(socket: Partial<TLSSocket>): Peer | undefined {
  const certificate = socket.authorized === true ? socket.getPeerX509Certificate?.() : undefined
  if (certificate === undefined) return undefined
  return {
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    names: namesIn(certificate.subjectAltName ?? ''),
    endsAt: Date.parse(certificate.validTo),
  }
}

/** Node quotes a name that has a comma or a quote in it, so that no name can pass for two. */
function namesIn(subjectAltName: string): string[] {
  const names = subjectAltName.matchAll(/(?:^|, )(?:DNS|URI|email|IP Address):("(?:[^"\\]|\\.)*"|[^,"]*)/g)
  return [...names].map(([, name = '']) => name)
}

export function shows(peer: Peer | undefined, mark: CertificateMark): boolean {
  if (peer === undefined) return false
  return 'sha256' in mark ? peer.sha256 === mark.sha256 : peer.names.includes(mark.san)
}
