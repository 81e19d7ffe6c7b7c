import { createRequire } from 'node:module'

/** As much of a blob's record in Azurite's catalogue as a read takes. */
interface Blob {
  readonly properties: object
  readonly committedBlocksInOrder?: readonly unknown[]
}

type Read = (this: unknown, options: unknown, context: unknown, blob: Blob) => Promise<unknown>

interface BlobHandler {
  readonly default: { readonly prototype: { downloadBlockBlobOrAppendBlob: Read } }
}

const azurite = createRequire(import.meta.url)
const handler = azurite('azurite/dist/src/blob/handlers/BlobHandler') as BlobHandler
const { prototype } = handler.default
const read = prototype.downloadBlockBlobOrAppendBlob

/**
 * Azurite answers a read from the live record of the blob: an append in its midst gives the old bytes with the new
 * ETag, and whoever trusts the ETag never sees the rest. The service reads one version, and so it is here.
 */
prototype.downloadBlockBlobOrAppendBlob = function (options, context, blob) {
  return read.call(this, options, context, versionOf(blob))
}

function versionOf(blob: Blob): Blob {
  const blocks = blob.committedBlocksInOrder
  return {
    ...blob,
    properties: { ...blob.properties },
    ...(blocks === undefined ? {} : { committedBlocksInOrder: [...blocks] }),
  }
}

azurite('azurite/dist/src/blob/main.js')
