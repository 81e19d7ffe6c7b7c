import { createHash } from 'node:crypto'
import { z } from 'zod'
import { alertV1 } from './alert-v1.ts'

/** Urgent: critical, high and health. Bulk: everything else. */
export const lane = z.enum(['urgent', 'bulk'])

const mark = z.int().nonnegative()
const lanes = <T extends z.ZodType>(inner: T) => z.object({ urgent: inner, bulk: inner })
const point = z.object({ seq: mark, chain: z.string() })

/** Outputs that one forwarder may name, and credentials that it may tell of; each may become an alert of its own. */
const NAMES_MAX = 100

/** Where a lane does not continue: the last good sequence number, and what is wrong behind it. */
export const broken = z.object({ lane, seq: mark, reason: z.string().max(1000) })

/** What a forwarder says when it begins: where it stands, if it stands anywhere. */
export const sessionRequest = z.object({
  epoch: z.string().optional(),
  lanes: lanes(point).optional(),
  outputs: z.array(z.string()).max(NAMES_MAX),
  /** The last session ended because of it. */
  broken: broken.optional(),
})

/** What it is told: its session, and the point in each lane from which to ask. */
export const sessionReply = z.object({
  session: z.string(),
  epoch: z.string(),
  /** True when the forwarder's own point is not of this history, so it starts over at `lanes`. */
  restarted: z.boolean(),
  lanes: lanes(point),
})

/** An alert; the stored line, byte for byte. */
export const alertLine = z.object({ seq: mark, at: z.iso.datetime(), alert: alertV1 })

/** Entries that do not cross: a later revision replaced them, the filter left them out, or a bound closed them. */
export const skipLine = z.object({
  skip: z.object({
    from: mark,
    to: mark,
    reason: z.enum(['superseded', 'filter', 'closed']),
    /** The chain at `to`. */
    chain: z.string(),
  }),
})

/** The last line of every page: the chain that the reader must have arrived at. */
export const endLine = z.object({ end: z.object({ lane, seq: mark, chain: z.string() }) })

export const feedLine = z.union([alertLine, skipLine, endLine])

/** Days of the link that one report of marks may tell of. */
export const LINK_DAYS_MAX = 32

/** `spooled` is durable on the forwarder's disk; `delivered` was acknowledged, by output. */
export const marksRequest = z.object({
  spooled: lanes(mark).partial().optional(),
  delivered: z.record(z.string(), lanes(mark).partial()).optional(),
  /** TCP payload that the forwarder counted by day (UTC), TLS included, and its own direction. */
  linkDays: z
    .array(z.object({ day: z.iso.date(), sent: mark, received: mark }))
    .max(LINK_DAYS_MAX)
    .optional(),
  /** Certificates that the forwarder shows and trusts, by what they are for; told at the beginning and when they change. */
  credentials: z
    .array(z.object({ name: z.string(), ends: z.iso.datetime() }))
    .max(NAMES_MAX)
    .optional(),
  /** Outputs that have refused or not answered for long, with the reason. */
  stuck: z
    .array(z.object({ output: z.string(), reason: z.string(), seconds: z.number() }))
    .max(NAMES_MAX)
    .optional(),
  /** There while the spool is at its bound: lanes that are not pulled, and bulk entries closed since it was reached. */
  spool: z.object({ bytesMax: mark, paused: z.array(lane).readonly(), closed: mark }).optional(),
  /** There until a page of that lane is whole again. */
  broken: broken.optional(),
  /** There while the disk of the spool has fewer free bytes than it should. */
  disk: z.object({ freeBytes: mark, freeBytesMin: mark }).optional(),
})

export type Lane = z.infer<typeof lane>
export type Broken = z.infer<typeof broken>
export type SessionRequest = z.infer<typeof sessionRequest>
export type SessionReply = z.infer<typeof sessionReply>
export type AlertLine = z.infer<typeof alertLine>
export type SkipLine = z.infer<typeof skipLine>
export type EndLine = z.infer<typeof endLine>
export type MarksRequest = z.infer<typeof marksRequest>
export const LANES: readonly Lane[] = ['urgent', 'bulk']
/** Header that names the live session on every feed call. */
export const SESSION_HEADER = 'weir-session'

/** The chain before the first entry of a lane, lower-case hexadecimal. */
export function chainStart(epoch: string, of: Lane): string {
  return createHash('sha256').update(`${epoch}:${of}`).digest('hex')
}

/** The chain after one more stored line, which is given without its newline. */
export function chainNext(previous: string, line: Uint8Array): string {
  return chainAfter(previous, lineDigest(line))
}

/** SHA-256 of a stored line, without its newline. */
export function lineDigest(line: Uint8Array): Uint8Array {
  return createHash('sha256').update(line).digest()
}

/** sha256(previous chain || digest of the line), lower-case hexadecimal. */
export function chainAfter(previous: string, digest: Uint8Array): string {
  return createHash('sha256').update(Buffer.from(previous, 'hex')).update(digest).digest('hex')
}
