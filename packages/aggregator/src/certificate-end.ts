import { X509Certificate } from 'node:crypto'
import { WeirError } from '@weir/runtime'

/** When the first certificate of a PEM text ends, which is one's own; epoch milliseconds. */
export function firstEnd(pem: string): number {
  return endOf(pem)
}

/** When the last authority of a bundle ends: while one is replaced by the next, both are in it. */
export function lastEnd(bundle: string): number {
  return Math.max(...certificatesIn(bundle).map(endOf))
}

/**
 * The certificates of a PEM text. OpenSSL stops without a word at the first that it cannot read, such as one
 * that begins on the line on which another ends; here that throws.
 */
export function certificatesIn(pem: string): string[] {
  const found = pem.match(/^-----BEGIN CERTIFICATE-----$[^-]+^-----END CERTIFICATE-----\s*$/gm) ?? []
  const begun = pem.split('-----BEGIN CERTIFICATE-----').length - 1
  if (found.length === 0 || found.length < begun)
    throw new WeirError('CONFIG_INVALID', `of ${begun} certificates ${found.length} can be read`)
  return found
}

function endOf(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo)
}
