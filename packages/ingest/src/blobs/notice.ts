import { isObject } from '@weir/model'

/** What Event Grid says of one blob. */
export interface Notice {
  /** `Microsoft.Storage.BlobCreated`, or another happening. */
  readonly type: string
  /** Of the storage account, where the message names it. */
  readonly account?: string
  readonly container: string
  readonly blob: string
}

const SUBJECT = /^\/blobServices\/[^/]+\/containers\/([^/]+)\/blobs\/(.+)$/s
const TOPIC = /\/storageAccounts\/([^/]+)$/i

/**
 * A message of Event Grid in its own schema or as a CloudEvent 1.0, plain or base64 as queues get it; `undefined`
 * for one that is no such thing.
 */
export function noticeOf(text: string): Notice | undefined {
  const event = eventOf(text) ?? eventOf(Buffer.from(text, 'base64').toString())
  if (event === undefined) return undefined
  const cloud = event['specversion'] !== undefined
  const type = event[cloud ? 'type' : 'eventType']
  const topic = event[cloud ? 'source' : 'topic']
  const subject = typeof event['subject'] === 'string' ? SUBJECT.exec(event['subject']) : null
  if (typeof type !== 'string' || subject === null) return undefined
  const account = typeof topic === 'string' ? TOPIC.exec(topic)?.[1] : undefined
  return { type, container: subject[1]!, blob: subject[2]!, ...(account && { account }) }
}

/** The event, also where it is the only one of a list. */
function eventOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const event: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
    return isObject(event) ? event : undefined
  } catch {
    return undefined
  }
}
