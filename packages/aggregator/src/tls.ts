import { readFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { createSecureContext, type Server as TlsServer } from 'node:tls'
import { WeirError } from '@weir/runtime'
import type { ApiTls } from './api/context.ts'
import { certificatesIn } from './certificate-end.ts'
import type { Refreshable } from './refresh.ts'

/** PEM files of a server; with `ca`, clients must show a certificate that it signed. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  readonly ca?: string | undefined
}

/** Time for a TLS handshake; a connection that has not finished it by then is closed. */
const HANDSHAKE_MS_MAX = 10_000

/** Throws `WeirError` CONFIG_INVALID when one of the files cannot be read. */
function readTls({ cert, key, ca }: TlsFiles): ApiTls {
  return { cert: read(cert), key: read(key), ...(ca === undefined ? {} : { ca: read(ca) }) }
}

/** What the files of a server hold, as far as it could be used. */
export class FreshTls {
  readonly #files: TlsFiles
  #pem: ApiTls

  /** Throws `WeirError` CONFIG_INVALID when one of the files cannot be read. */
  constructor(files: TlsFiles) {
    this.#files = files
    this.#pem = readTls(files)
  }

  get pem(): ApiTls {
    return this.#pem
  }

  /** Reads them again; true when they hold something else. Throws when that cannot be used, and keeps the old. */
  refresh(): boolean {
    const found = readTls(this.#files)
    if (JSON.stringify(found) === JSON.stringify(this.#pem)) return false
    for (const each of found.ca === undefined ? [found.cert] : [found.cert, found.ca]) certificatesIn(each)
    createSecureContext(found)
    this.#pem = found
    return true
  }
}

/** Connections that there are stay as they are; the next handshake shows and trusts what is new. */
export function freshCertificate(server: Server, tls: FreshTls | undefined, name: string): Refreshable[] {
  if (tls === undefined) return []
  const refresh = (): boolean => {
    const changed = tls.refresh()
    if (changed) (server as TlsServer).setSecureContext(tlsOptionsOf(tls.pem))
    return changed
  }
  return [{ name, refresh }]
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new WeirError('CONFIG_INVALID', `cannot read ${file}`, { cause })
  }
}

/** As Node's HTTPS server takes it. */
export function tlsOptionsOf(tls: ApiTls) {
  return {
    ...tls,
    requestCert: tls.ca !== undefined,
    minVersion: 'TLSv1.2' as const,
    handshakeTimeout: HANDSHAKE_MS_MAX,
  }
}
