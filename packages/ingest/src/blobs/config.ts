import type { EntraIdentity } from '../credential.ts'

export type BlobAuth =
  | (EntraIdentity & { readonly kind: 'entra'; readonly accountUrl: string })
  /** Azurite on loopback, nothing else. */
  | { readonly kind: 'emulator'; readonly connectionString: string }

export interface BlobContainer {
  readonly container: string
  /**
   * `append`: one JSON record a line, appended. `flow`: a document whose blocks grow before its footer.
   * `storage-analytics`: the rows of `$logs`. `capture`: Avro files of Event Hubs Capture. `files`: lines, JSON
   * documents or CSV, also behind gzip or zstd.
   */
  readonly kind: 'append' | 'flow' | 'storage-analytics' | 'capture' | 'files'
  /** Where the search for resources begins (`resourceId=/SUBSCRIPTIONS/…/`); the whole container when absent. */
  readonly prefixes?: readonly string[]
  /**
   * Where the date stands in the names, in the words of Event Hubs Capture (`{EventHub}/{Year}/{Month}/{Day}/`).
   * The platform's own where it is absent; files without one are found by listing all that is below the prefixes.
   */
  readonly pattern?: string
  /** Dataset of all records; they tell themselves when it is absent. */
  readonly dataset?: string
}

export interface BlobConfig extends BlobBounds {
  readonly name: string
  readonly auth: BlobAuth
  readonly containers: readonly BlobContainer[]
  /** The queue to which Event Grid tells of blobs that were written. */
  readonly notify?: { readonly queueUrl: string }
}

export interface BlobBounds {
  /** Pause between two looks at the current and the previous hour of every resource. */
  readonly pollMs: number
  /** The same where a queue tells of new blobs, which leaves polling as a safety net; not for blobs that are appended to. */
  readonly pollNotifiedMs: number
  /** Pause between two looks at every hour back to `hoursBack`, by one listing a resource and day. */
  readonly recheckMs: number
  /** Pause between two searches for new resources, by one listing a folder. */
  readonly discoverMs: number
  /** Hours before now that the very first run begins with; earlier ones are left alone for good. */
  readonly hoursFirst: number
  /** Hours before now in which blobs may still grow; later growth is not seen, and their cursors are dropped. */
  readonly hoursBack: number
  /** A half line at the end of a blob whose hour is over for so long is delivered as it is. */
  readonly halfLineHoursMax: number
  /** Requests under way at once, over all containers; further ones wait. */
  readonly parallelMax: number
  /** Listings of folders in a second, over all containers; further ones wait. */
  readonly listingsPerSecondMax: number
  /** Resources in one container; those found beyond are not read, and an error is reported. */
  readonly resourcesMax: number
  /** Files in one container that are found by listing; those found beyond are not read, and an error is reported. */
  readonly filesMax: number
  /** Blobs at once that can only be read from their beginning on, each in memory with up to `chunkBytes`; further ones wait. */
  readonly streamsMax: number
  /** Bytes asked for in one request; a larger blob is read in several. */
  readonly chunkBytes: number
  /** A line longer than this is delivered in pieces, which end in quarantine rather than in memory. */
  readonly lineBytesMax: number
  /** A JSON document that has no blocks to cut at and is larger than this is not read, and an error is reported. */
  readonly documentBytesMax: number
  /** Bytes read and not yet committed; reading waits at it. */
  readonly bytesInFlightMax: number
  /** Pause between two looks at a queue that was empty. */
  readonly noticeMs: number
  /** Time in which nobody else gets a message that was received; the blob is read and committed within, or told of again. */
  readonly noticeHiddenMs: number
  /** A message that was received so many times in vain is left in the queue until it expires there, and counted. */
  readonly noticeTriesMax: number
}

export const BLOB_BOUNDS: BlobBounds = {
  pollMs: 15_000,
  pollNotifiedMs: 300_000,
  recheckMs: 900_000,
  discoverMs: 600_000,
  hoursFirst: 2,
  hoursBack: 48,
  halfLineHoursMax: 2,
  parallelMax: 8,
  listingsPerSecondMax: 100,
  resourcesMax: 20_000,
  filesMax: 200_000,
  streamsMax: 4,
  chunkBytes: 4 * 1024 * 1024,
  lineBytesMax: 16 * 1024 * 1024,
  documentBytesMax: 64 * 1024 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
  noticeMs: 5_000,
  noticeHiddenMs: 300_000,
  noticeTriesMax: 5,
}
