import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { WeirError } from '@weir/runtime'

export interface TlsFiles {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly servername?: string | undefined
}

/** Contents of the files, and the name to check the other side's certificate by, as Node takes them. */
export type TlsOptions = ReturnType<typeof tlsOptions>

/**
 * The TLS options that a configuration's files stand for. Throws `WeirError` CONFIG_INVALID for one that
 * cannot be read.
 */
export function tlsOptions({ ca, cert, key, servername }: TlsFiles) {
  return {
    ...(ca === undefined ? {} : { ca: read(ca) }),
    ...(cert === undefined ? {} : { cert: read(cert) }),
    ...(key === undefined ? {} : { key: read(key) }),
    ...(servername === undefined ? {} : { servername }),
  }
}

/** The same; throws as well when certificate and key do not belong together or are none. */
export function checkedTls(files: TlsFiles): TlsOptions {
  const options = tlsOptions(files)
  try {
    if (options.ca !== undefined) refuseTornBundle(options.ca.toString('latin1'))
    createSecureContext(options)
    return options
  } catch (cause) {
    const names = [files.ca, files.cert, files.key].filter((each) => each !== undefined).join(', ')
    throw new WeirError('CONFIG_INVALID', `cannot use ${names}`, { cause })
  }
}

/** What the files hold now; `before` itself where that is the same, or cannot be used. */
export function replacedTls(files: TlsFiles, before: TlsOptions): TlsOptions {
  try {
    const found = checkedTls(files)
    return isDeepStrictEqual(found, before) ? before : found
  } catch {
    return before
  }
}

/** OpenSSL stops without a word at the first certificate that it cannot read, and would trust fewer, or nobody. */
function refuseTornBundle(pem: string): void {
  const whole = pem.match(/^-----BEGIN CERTIFICATE-----$[^-]+^-----END CERTIFICATE-----\s*$/gm) ?? []
  const begun = pem.split('-----BEGIN CERTIFICATE-----').length - 1
  if (whole.length === 0 || whole.length < begun)
    throw new Error(`of ${begun} certificates ${whole.length} can be read`)
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new WeirError('CONFIG_INVALID', `cannot read PEM file ${path}`, { cause })
  }
}
