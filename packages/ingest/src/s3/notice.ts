import { isObject, type JsonObject, type JsonValue } from '@weir/model'

/** One object of a bucket. */
export interface S3Object {
  readonly bucket: string
  readonly key: string
  /** Without quotes, where it was told. */
  readonly etag?: string
}

/** What a message of the queue says. `nothing`: understood, and there is nothing to read. */
export type Notice =
  | { readonly kind: 'objects'; readonly objects: readonly S3Object[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * Reads the body of a message: events of S3 (straight, or through a topic with or without its wrapping), what
 * CloudTrail tells its topic, or an event of EventBridge.
 */
export function readNotice(body: string): Notice {
  const outer = parsed(body)
  if (!isObject(outer)) return unknown('is not a JSON object')
  if (outer['Type'] !== 'Notification' || typeof outer['Message'] !== 'string') return noticeOf(outer)
  const inner = parsed(outer['Message'])
  if (isObject(inner)) return noticeOf(inner)
  // What CloudTrail writes to a topic when a trail is made.
  if (/validation message/i.test(outer['Message'])) return NOTHING
  return unknown('wraps a text that is not a JSON object')
}

const NOTHING: Notice = { kind: 'nothing' }

function unknown(reason: string): Notice {
  return { kind: 'unknown', reason }
}

function noticeOf(body: JsonObject): Notice {
  if (body['Event'] === 's3:TestEvent') return NOTHING
  if (Array.isArray(body['Records'])) return fromS3(body['Records'])
  if (typeof body['s3Bucket'] === 'string') return fromCloudTrail(body['s3Bucket'], body['s3ObjectKey'])
  if (body['source'] === 'aws.s3') return fromEventBridge(body)
  return unknown('tells of no object')
}

/** `{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name"},"object":{"key","eTag"}}}`; the key is URL-encoded. */
function fromS3(records: readonly JsonValue[]): Notice {
  const objects: S3Object[] = []
  for (const record of records) {
    if (!isObject(record) || !isObject(record['s3'])) return unknown('has a record that is none of S3')
    if (!/^(?:s3:)?ObjectCreated:/.test(String(record['eventName']))) continue
    const object = objectOf(record['s3'], decoded)
    if (object === undefined) return unknown('has a record without bucket or key')
    objects.push(object)
  }
  return told(objects)
}

/** `{"s3Bucket":…,"s3ObjectKey":[…]}`, the keys as they are. */
function fromCloudTrail(bucket: string, keys: JsonValue | undefined): Notice {
  const list = Array.isArray(keys) ? keys : [keys]
  if (!list.every((key) => typeof key === 'string')) return unknown('has keys that are no text')
  return told(list.map((key) => ({ bucket, key: key as string })))
}

/** `{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name"},"object":{"key","etag"}}}`, as it is. */
function fromEventBridge(body: JsonObject): Notice {
  if (body['detail-type'] !== 'Object Created') return NOTHING
  const object = isObject(body['detail']) ? objectOf(body['detail'], (key) => key) : undefined
  return object === undefined ? unknown('has no bucket or key') : told([object])
}

function told(objects: readonly S3Object[]): Notice {
  return objects.length === 0 ? NOTHING : { kind: 'objects', objects }
}

function objectOf(s3: JsonObject, read: (key: string) => string | undefined): S3Object | undefined {
  const { bucket, object } = s3
  if (!isObject(bucket) || !isObject(object)) return undefined
  const key = typeof object['key'] === 'string' ? read(object['key']) : undefined
  if (typeof bucket['name'] !== 'string' || key === undefined) return undefined
  const etag = object['eTag'] ?? object['etag']
  return { bucket: bucket['name'], key, ...(typeof etag === 'string' && { etag: bareEtag(etag) }) }
}

function decoded(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

export function bareEtag(etag: string): string {
  return etag.replace(/^(?:W\/)?"|"$/g, '')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
