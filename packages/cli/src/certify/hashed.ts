import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { messageOf, WeirError } from '@weir/runtime'

export interface Hashed {
  readonly bytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** Size and SHA-256 of a file as it lies on disk. Throws `WeirError` INPUT_UNREADABLE. */
export async function hashed(file: string): Promise<Hashed> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch (cause) {
    throw new WeirError('INPUT_UNREADABLE', `cannot read ${file}: ${messageOf(cause)}`, { cause })
  }
  return { bytes, sha256: hash.digest('hex') }
}
