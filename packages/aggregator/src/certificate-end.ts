import { X509Certificate } from 'node:crypto'

/** When the first certificate of a PEM text ends, which is one's own; epoch milliseconds. */
export function firstEnd(pem: string): number {
  return endOf(pem)
}

/** When the last authority of a bundle ends: while one is replaced by the next, both are in it. */
export function lastEnd(bundle: string): number {
  const texts = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return Math.max(...texts.map(endOf))
}

function endOf(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo)
}
