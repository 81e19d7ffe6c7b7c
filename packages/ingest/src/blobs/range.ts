import { type BlobClient, RestError } from '@azure/storage-blob'

/** Part of a blob as it was when it was read. */
export interface Range {
  readonly kind: 'range'
  readonly bytes: Buffer
  /** Bytes of the whole blob. */
  readonly total: number
  readonly etag: string
  /** Epoch milliseconds. */
  readonly createdOn: number
  /** Epoch milliseconds of the last change, by the storage service's clock. */
  readonly lastModified: number
  readonly blockBlob: boolean
}

/** `missing`: no such blob. `unchanged`: its ETag is the one given. `past-end`: it has no byte there. `changed`: its ETag is not the one demanded. */
export type RangeAnswer = Range | { readonly kind: 'missing' | 'unchanged' | 'past-end' | 'changed' }

export interface RangeConditions {
  readonly ifNoneMatch?: string
  readonly ifMatch?: string
}

const ANSWERS: Readonly<Record<number, 'missing' | 'unchanged' | 'past-end' | 'changed'>> = {
  304: 'unchanged',
  404: 'missing',
  412: 'changed',
  416: 'past-end',
}

/** One ranged GET; fewer bytes than asked for where the blob ends. Rejects on what is none of the four answers. */
export async function readRange(
  blob: BlobClient,
  offset: number,
  bytes: number,
  conditions: RangeConditions,
  abortSignal: AbortSignal,
): Promise<RangeAnswer> {
  try {
    const response = await blob.download(offset, bytes, { conditions, abortSignal, maxRetryRequests: 2 })
    const parts: Buffer[] = []
    for await (const part of response.readableStreamBody!) parts.push(Buffer.from(part))
    const body = Buffer.concat(parts)
    const total = totalOf(response.contentRange, response.contentLength ?? 0)
    const due = Math.min(bytes, total - offset)
    if (body.length < due) throw new Error(`${blob.name}: ${body.length} bytes came of ${due} at ${offset}`)
    return {
      kind: 'range',
      bytes: body,
      total,
      etag: response.etag ?? '',
      createdOn: response.createdOn?.getTime() ?? 0,
      lastModified: response.lastModified?.getTime() ?? 0,
      blockBlob: response.blobType === 'BlockBlob',
    }
  } catch (error) {
    const kind = error instanceof RestError ? ANSWERS[error.statusCode ?? 0] : undefined
    if (kind === undefined || isContainerMissing(error)) throw error
    return { kind }
  }
}

function totalOf(contentRange: string | undefined, length: number): number {
  const total = contentRange?.split('/')[1]
  return total === undefined ? length : Number(total)
}

function isContainerMissing(error: unknown): boolean {
  return error instanceof RestError && error.code === 'ContainerNotFound'
}
