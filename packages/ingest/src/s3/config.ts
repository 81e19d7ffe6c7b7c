import type { AwsPlace } from '../aws/place.ts'

/** Objects that a queue tells of, as they come. */
export interface QueueWay {
  readonly kind: 'queue'
  /** `https://sqs.eu-west-1.amazonaws.com/123456789012/trail`. */
  readonly url: string
  /** Of a stand-in on loopback. */
  readonly endpoint?: string
}

/** Objects that are found by listing the folders of days. */
export interface ListingWay {
  readonly kind: 'listing'
  readonly bucket: string
  /** What stands before `AWSLogs/`, with its slash; nothing when absent. */
  readonly prefix?: string
  /** The folder below an account whose regions and days are read: `CloudTrail`, `GuardDuty`. */
  readonly service: string
  /** Folders of days in place of `AWSLogs/`: `export/{yyyy}/{mm}/{dd}/`. */
  readonly days?: string
}

export interface S3Config extends S3Bounds {
  readonly name: string
  readonly place: AwsPlace
  /** Of a stand-in on loopback. */
  readonly endpoint?: string
  readonly from: QueueWay | ListingWay
  /** Only objects whose keys begin so are read. */
  readonly keys?: string
  /** Dataset of the records, where they do not tell. */
  readonly dataset?: string
}

export interface S3Bounds {
  /** Pause between two looks at the folders of the current day. */
  readonly pollMs: number
  /** Pause between two looks at the whole of every day back to `daysBack`. */
  readonly recheckMs: number
  /** Pause between two searches for new accounts and regions. */
  readonly discoverMs: number
  /** Whole days before today that the very first run begins with; earlier ones are left alone for good. */
  readonly daysFirst: number
  /** Whole days before today in which objects may still appear; what comes later is not seen. */
  readonly daysBack: number
  /** Delivery is in order only roughly: a listing goes back so far before the last delivery minute that it saw. */
  readonly overlapMs: number
  /** Listings in a second; further ones wait. */
  readonly listingsPerSecondMax: number
  /** Folders of accounts and regions; those found beyond are not read, and an error is reported. */
  readonly foldersMax: number
  /** A message stays hidden from others for so long, and is hidden anew while it is worked on. */
  readonly visibilityMs: number
  /** A message whose object could not be read is left for the queue's dead letters after so many tries. */
  readonly receivesMax: number
  /** Messages received and not yet deleted; the queue is not asked for more meanwhile. */
  readonly messagesInHandMax: number
  /** Days for which an object that was read is remembered; a message that comes again later reads it again. */
  readonly rememberDays: number
  /** Objects remembered; beyond it the oldest day is forgotten, a warning is said, and that day is no longer listed. */
  readonly objectsRememberedMax: number
  /** Objects read at once. */
  readonly parallelMax: number
  /** Bytes of an object as it is stored; a larger one is not read, and an error is reported. */
  readonly objectBytesMax: number
  /** Bytes of an object decompressed; what lies beyond is quarantined as one piece, and an error is reported. */
  readonly inflatedBytesMax: number
  /** An object that is one JSON document without a list to cut, and larger than this, is not read, and an error is reported. */
  readonly documentBytesMax: number
  /** Bytes of whole records in one message of the line. */
  readonly chunkBytes: number
  /** A record larger than this, and all behind it in its object, ends in quarantine rather than in memory. */
  readonly recordBytesMax: number
  /** Bytes read and not yet committed; reading waits at it. */
  readonly bytesInFlightMax: number
}

export const S3_BOUNDS: S3Bounds = {
  pollMs: 60_000,
  recheckMs: 3_600_000,
  discoverMs: 3_600_000,
  daysFirst: 1,
  daysBack: 2,
  overlapMs: 1_800_000,
  listingsPerSecondMax: 50,
  foldersMax: 20_000,
  visibilityMs: 120_000,
  receivesMax: 5,
  messagesInHandMax: 200,
  rememberDays: 4,
  objectsRememberedMax: 1_000_000,
  parallelMax: 8,
  objectBytesMax: 64 * 1024 * 1024,
  inflatedBytesMax: 1024 * 1024 * 1024,
  documentBytesMax: 64 * 1024 * 1024,
  chunkBytes: 1024 * 1024,
  recordBytesMax: 16 * 1024 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
}
