import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string
  readonly server: { readonly cert: string; readonly key: string }
  readonly client: { readonly cert: string; readonly key: string }
}

/** Days that a certificate of the development network lives. */
const CERTIFICATE_DAYS_MAX = 30
const DAY_MS = 86_400_000

/** Writes an authority, a server certificate for loopback and any further addresses, and a client certificate into a folder, unless good ones are there. */
export async function makeCertificates(
  folder: string,
  now: number,
  name = 'Weir development authority',
  addresses: readonly string[] = [],
): Promise<Certificates> {
  const paths = pathsIn(folder)
  if (isGood(paths, now)) return paths
  mkdirSync(folder, { recursive: true })
  const validity = {
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + CERTIFICATE_DAYS_MAX * DAY_MS),
    algorithm: 'sha256',
  }
  const ca = await authority(name, validity)
  const server = await signed('localhost', 'serverAuth', ca, validity, addresses)
  const client = await signed('weir-forwarder', 'clientAuth', ca, validity)
  writeFileSync(paths.ca, ca.cert)
  writePair(paths.server, server)
  writePair(paths.client, client)
  return paths
}

/** The client's key is written last, so where it is the others are; a day before the end they are made anew. */
function isGood(paths: Certificates, now: number): boolean {
  if (!existsSync(paths.client.key)) return false
  const { validToDate } = new X509Certificate(readFileSync(paths.client.cert))
  return validToDate.getTime() - now > DAY_MS
}

interface Validity {
  readonly notBeforeDate: Date
  readonly notAfterDate: Date
  readonly algorithm: string
}

interface Pair {
  readonly cert: string
  readonly key: string
}

function pathsIn(folder: string): Certificates {
  const pair = (name: string): Pair => ({
    cert: join(folder, `${name}.pem`),
    key: join(folder, `${name}-key.pem`),
  })
  return { ca: join(folder, 'ca.pem'), server: pair('server'), client: pair('client') }
}

/** Elliptic-curve keys: made in a millisecond, and a handshake a third the size of RSA's. */
const CURVE = { keyType: 'ec', curve: 'P-256' } as const

async function authority(name: string, validity: Validity): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...CURVE,
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return { cert: made.cert, key: made.private }
}

async function signed(
  name: string,
  use: 'serverAuth' | 'clientAuth',
  ca: Pair,
  validity: Validity,
  addresses: readonly string[] = [],
): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...CURVE,
    ...validity,
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', [use]: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: name },
          ...['127.0.0.1', '::1', ...addresses].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}

function writePair(paths: Pair, pair: Pair): void {
  writeFileSync(paths.cert, pair.cert)
  writeFileSync(paths.key, pair.key, { mode: 0o600 })
}
