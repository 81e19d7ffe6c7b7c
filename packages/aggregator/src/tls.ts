import { readFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { createSecureContext, type Server as TlsServer } from 'node:tls'
import { messageOf, WeirError } from '@weir/runtime'
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

/** What the files of a server hold, as far as it could be used. */
export class FreshTls {
  readonly #files: TlsFiles
  #pem: ApiTls

  /** Throws `WeirError` CONFIG_INVALID when one of the files cannot be read or used. */
  constructor(files: TlsFiles) {
    this.#files = files
    this.#pem = readTls(files)
    checkTls(files, this.#pem)
  }

  get pem(): ApiTls {
    return this.#pem
  }

  /** Reads them again; true when they hold something else. Throws when that cannot be used, and keeps the old. */
  refresh(): boolean {
    const found = readTls(this.#files)
    if (JSON.stringify(found) === JSON.stringify(this.#pem)) return false
    checkTls(this.#files, found)
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

/** Throws `WeirError` CONFIG_INVALID when one of the files cannot be read. */
function readTls({ cert, key, ca }: TlsFiles): ApiTls {
  return { cert: read(cert), key: read(key), ...(ca === undefined ? {} : { ca: read(ca) }) }
}

/** Throws `WeirError` CONFIG_INVALID where a certificate cannot be read, or the key is not the certificate's. */
function checkTls(files: TlsFiles, found: ApiTls): void {
  checked(files.cert, () => certificatesIn(found.cert))
  if (files.ca !== undefined) checked(files.ca, () => certificatesIn(found.ca ?? ''))
  checked(files.key, () => createSecureContext(found))
}

function checked(file: string, check: () => unknown): void {
  try {
    check()
  } catch (cause) {
    throw new WeirError('CONFIG_INVALID', `${file}: ${messageOf(cause)}`, { cause })
  }
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
