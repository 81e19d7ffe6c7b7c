import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { codeOf } from '../aws/failure.ts'
import type { loadAws } from '../aws/load.ts'
import { bareEtag, type S3Object } from './notice.ts'

/** The package once it is loaded. */
type S3Sdk = Awaited<ReturnType<typeof loadAws<'@aws-sdk/client-s3'>>>

/** A client and its commands. */
export interface S3Service {
  readonly client: S3Client
  readonly sdk: S3Sdk
}

/** One version of an object, opened: its bytes come when `bytes` is called, or are let go by `close`. */
export interface OpenObject {
  readonly etag: string
  /** Epoch milliseconds, by the service's clock. */
  readonly lastModified: number
  readonly length: number
  /** The object as it is stored. Rejects when the connection breaks off. */
  bytes(): Promise<Buffer>
  close(): void
}

/** Asks for an object; `undefined` when it is not there. */
export async function openObject(
  { client, sdk }: S3Service,
  { bucket, key }: S3Object,
  abortSignal: AbortSignal,
): Promise<OpenObject | undefined> {
  try {
    const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key })
    const { Body, ETag = '', LastModified, ContentLength = 0 } = await client.send(command, { abortSignal })
    const body = Body instanceof Readable ? Body : Readable.from([])
    // It may break off before anybody reads it, or after it was let go; whoever reads it learns it all the same.
    body.on('error', () => undefined)
    return {
      etag: bareEtag(ETag),
      lastModified: LastModified?.getTime() ?? 0,
      length: ContentLength,
      bytes: () => allOf(body, ContentLength, abortSignal),
      close: () => void body.destroy(),
    }
  } catch (error) {
    if (MISSING.has(codeOf(error))) return undefined
    throw error
  }
}

const MISSING: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound', 'NoSuchVersion'])

async function allOf(body: Readable, length: number, signal: AbortSignal): Promise<Buffer> {
  const stop = (): void => void body.destroy(new Error('stopped'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    if (bytes.length !== length)
      throw new Error(`the body broke off after ${bytes.length} of ${length} bytes`)
    return bytes
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
