import type { S3Object } from './notice.ts'

/** Signatures over the logs, and what the service makes of them by itself: no records of ours. */
const BESIDE = /\/CloudTrail-(?:Digest|Insight)\//

/** True for an object that holds records to read. */
export function wanted({ key }: S3Object, keys: string | undefined): boolean {
  if (key.endsWith('/') || BESIDE.test(`/${key}`)) return false
  return keys === undefined || key.startsWith(keys)
}
