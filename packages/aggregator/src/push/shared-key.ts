import { createHmac, timingSafeEqual } from 'node:crypto'
import { WeirError } from '@weir/runtime'

/** What the signature covers, besides the method, the path and the kind of content. */
export interface Signed {
  readonly length: number
  readonly contentType: string
  /** The text of `x-ms-date`. */
  readonly date: string
}

export interface SharedKey {
  readonly workspaceId: string
  readonly signature: string
}

/** The bytes of a key as the portal writes it. Throws `WeirError` CONFIG_INVALID for one that is not base64. */
export function keyOf(text: string): Buffer {
  const key = Buffer.from(text, 'base64')
  if (key.length > 0 && /^[A-Za-z0-9+/]+=*$/.test(text)) return key
  throw new WeirError('CONFIG_INVALID', 'a key of dataCollector is not base64; copy it from the workspace')
}

/** The two parts of `SharedKey <workspace>:<signature>`; `undefined` for another header. */
export function sharedKeyOf(header: string | undefined): SharedKey | undefined {
  const found = /^SharedKey +([^:\s]+):(\S+)\s*$/i.exec(header ?? '')
  return found === null ? undefined : { workspaceId: found[1]!, signature: found[2]! }
}

/**
 * True when one of the keys made the signature. Senders sign the kind of content as they wrote it, or without its
 * parameters, whichever their library then sends. Every combination is compared, in the same time.
 */
export function isSigned(keys: readonly Uint8Array[], signature: string, signed: Signed): boolean {
  const presented = Buffer.from(signature, 'base64')
  const types = new Set([signed.contentType, signed.contentType.split(';', 1)[0]!.trim()])
  let right = false
  for (const key of keys)
    for (const contentType of types) {
      const expected = createHmac('sha256', key)
        .update(textToSign({ ...signed, contentType }))
        .digest()
      if (expected.length === presented.length && timingSafeEqual(expected, presented)) right = true
    }
  return right
}

function textToSign({ length, contentType, date }: Signed): string {
  return ['POST', length, contentType, `x-ms-date:${date}`, '/api/logs'].join('\n')
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Epoch milliseconds of a date as RFC 1123 writes it. */
export function httpDate(text: string): number | undefined {
  const ms = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}
