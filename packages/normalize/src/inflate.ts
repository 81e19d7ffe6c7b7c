import { gunzipSync } from 'node:zlib'

export type Inflated = { readonly bytes: Uint8Array } | { readonly reason: string }

/** The text behind gzip, or the bytes as they are where they are not gzip; `reason` when it cannot be had. */
export function inflate(bytes: Uint8Array, inflatedBytesMax: number): Inflated {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { bytes }
  try {
    return { bytes: gunzipSync(bytes, { maxOutputLength: inflatedBytesMax, chunkSize: chunkBytes(bytes) }) }
  } catch (cause) {
    return { reason: reasonOf(cause, inflatedBytesMax) }
  }
}

/** Bytes that are inflated at a time, at least and at most; more takes another step. */
const CHUNK_BYTES_MIN = 1_024
const CHUNK_BYTES_MAX = 1_048_576

/** What the gzip trailer says the text has, so that most are inflated in one step; one that lies costs only time. */
function chunkBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const said = bytes.length < 4 ? 0 : view.getUint32(bytes.length - 4, true)
  return Math.min(Math.max(said + 1, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX)
}

function reasonOf(cause: unknown, inflatedBytesMax: number): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ERR_BUFFER_TOO_LARGE') return `gzip inflates to more than ${inflatedBytesMax} bytes`
  if (code === 'Z_BUF_ERROR') return 'gzip is cut short'
  return `gzip is damaged: ${cause instanceof Error ? cause.message : String(cause)}`
}
