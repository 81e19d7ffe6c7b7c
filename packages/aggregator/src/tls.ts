import { readFileSync } from 'node:fs'
import { WeirError } from '@weir/runtime'
import type { ApiTls } from './api/context.ts'

/** PEM files of a server; with `ca`, clients must show a certificate that it signed. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  readonly ca?: string | undefined
}

/** Time for a TLS handshake; a connection that has not finished it by then is closed. */
const HANDSHAKE_MS_MAX = 10_000

/** Throws `WeirError` CONFIG_INVALID when one of the files cannot be read. */
export function readTls({ cert, key, ca }: TlsFiles): ApiTls {
  return { cert: read(cert), key: read(key), ...(ca === undefined ? {} : { ca: read(ca) }) }
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
