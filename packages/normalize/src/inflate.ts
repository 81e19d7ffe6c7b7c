import { gunzipSync } from 'node:zlib'

export type Inflated = { readonly bytes: Uint8Array } | { readonly reason: string }

/** The text behind gzip, or the bytes as they are where they are not gzip; `reason` when it cannot be had. */
export function inflate(bytes: Uint8Array, inflatedBytesMax: number): Inflated {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { bytes }
  try {
    return { bytes: gunzipSync(bytes, { maxOutputLength: inflatedBytesMax }) }
  } catch (cause) {
    return { reason: reasonOf(cause, inflatedBytesMax) }
  }
}

function reasonOf(cause: unknown, inflatedBytesMax: number): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ERR_BUFFER_TOO_LARGE') return `gzip inflates to more than ${inflatedBytesMax} bytes`
  if (code === 'Z_BUF_ERROR') return 'gzip is cut short'
  return `gzip is damaged: ${cause instanceof Error ? cause.message : String(cause)}`
}
