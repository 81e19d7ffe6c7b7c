import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ForwarderConfig } from './config.ts'

/** A certificate of ours or of somebody whom we trust, and its end. */
export interface CertificateEnd {
  /** What it is for: `certificate for output NAME`, `authority of aggregator NAME`. */
  readonly name: string
  /** ISO 8601. */
  readonly ends: string
}

interface Files {
  readonly name: string
  readonly ca?: string | undefined
  readonly cert?: string | undefined
}

/** Of every certificate that the configuration names; a file that cannot be read is left out. */
export function certificateEnds({
  aggregators,
  outputs,
}: Pick<ForwarderConfig, 'aggregators' | 'outputs'>): CertificateEnd[] {
  return [
    ...aggregators.flatMap((each) => endsOf('aggregator', each)),
    ...outputs.flatMap((each) => endsOf('output', each)),
  ]
}

function endsOf(kind: 'aggregator' | 'output', { name, ca, cert }: Files): CertificateEnd[] {
  return [
    ...named(`certificate for ${kind} ${name}`, firstEnd(cert)),
    ...named(`authority of ${kind} ${name}`, lastEnd(ca)),
  ]
}

function named(name: string, end: number | undefined): CertificateEnd[] {
  return end === undefined ? [] : [{ name, ends: new Date(end).toISOString() }]
}

/** Our own certificate comes before those that vouch for it. */
function firstEnd(file: string | undefined): number | undefined {
  return endsIn(file)[0]
}

/** While one authority is replaced by the next, both are in the file. */
function lastEnd(file: string | undefined): number | undefined {
  const ends = endsIn(file)
  return ends.length === 0 ? undefined : Math.max(...ends)
}

function endsIn(file: string | undefined): number[] {
  if (file === undefined) return []
  try {
    const texts = readFileSync(file, 'utf8').match(CERTIFICATE) ?? []
    return texts.map((text) => Date.parse(new X509Certificate(text).validTo))
  } catch {
    return []
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
