import type { Broken, EvidenceLine, HealthReply, MarksRequest, RulesReply } from '@weir/contract'
import type {
  AlertKind,
  AlertStore,
  AuditStore,
  FeedStore,
  Lane,
  PartitionState,
  Role,
  Severity,
  StoredMember,
} from '@weir/model'
import type { Clock, Report } from '@weir/runtime'

/** What the API is given: all that it reads, and all that it may tell. */
export interface ApiContext {
  readonly store: AlertStore & AuditStore & FeedStore
  readonly credentials: readonly Credential[]
  /** Registered forwarders; a forwarder's credential has its forwarder's name. */
  readonly forwarders: readonly RegisteredForwarder[]
  readonly status: StatusReader
  /** Takes records in as the line's own; resolves when they are on disk. Made again with its key, a push changes nothing. */
  readonly take: (push: {
    readonly bytes: Uint8Array
    readonly dataset: string
    readonly key: string
  }) => Promise<unknown>
  /** Without it the API speaks plain HTTP. */
  readonly tls?: ApiTls
  readonly clock: Clock
  readonly report: Report
  /** Names a session; must not be guessable. */
  readonly random: () => string
  readonly limits: ApiLimits
  readonly version: string
}

/** One way to prove who one is: a token, a client certificate, or both. Several may stand for one name. */
export interface Credential {
  readonly name: string
  readonly role: Role
  /** SHA-256 of the token, lower-case hexadecimal; without one the certificate is enough. */
  readonly hash?: string | undefined
  readonly certificate?: CertificateMark | undefined
  /** Refused from then on; epoch milliseconds. */
  readonly endsAt?: number | undefined
}

/** What a client certificate is known by: its SHA-256, lower-case hexadecimal, or one of its subject's other names. */
export type CertificateMark = { readonly sha256: string } | { readonly san: string }

export interface RegisteredForwarder {
  readonly name: string
  readonly filter?: FeedFilter
  readonly link?: LinkBudget
}

/** What may cross the link for one forwarder. */
export interface LinkBudget {
  /** Of the bodies of pages, both lanes together; they are paced, the urgent lane first. */
  readonly maxBitsPerSecond?: number
  /** Bytes that cross both ways in a day (UTC); beyond it the bulk lane waits for the next one. */
  readonly maxBytesPerDay?: number
}

/** What crosses the link for one forwarder: an alert has to pass every part that is there. */
export interface FeedFilter {
  readonly severities?: readonly Severity[]
  readonly kinds?: readonly AlertKind[]
  /** Rule ids; one that ends in `*` stands for all that begin so. */
  readonly rules?: readonly string[]
  readonly exceptRules?: readonly string[]
}

/** PEM texts. With `ca`, a client without a certificate that it signed gets no further than the handshake. */
export interface ApiTls {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

/** What only the running line knows, and where a forwarder's news about itself goes. */
export interface StatusReader {
  rules(): RulesReply
  partitions(): readonly PartitionState[]
  pending(): HealthReply['pending']
  /** Health conditions raised now. */
  raised(): HealthReply['raised']
  /** A forwarder presented a point of our own epoch that this database does not know; a new epoch began. */
  forked(forwarder: string, detail: string): void
  /** A forwarder's bulk lane waits for its budget of the day, and what waits there; or it flows. */
  linkBudget(forwarder: string, state: 'raised' | 'cleared', detail: string): void
  /** The outputs that a forwarder calls stuck now; none when the list is empty. */
  outputsStuck(forwarder: string, stuck: NonNullable<MarksRequest['stuck']>): void
  /** A forwarder's spool is at its bound; absent when it is not. */
  spoolTold?(forwarder: string, spool: MarksRequest['spool']): void
  /** Where a forwarder finds the feed broken; absent when pages go through. */
  brokenTold?(forwarder: string, broken: Broken | undefined): void
  /** A forwarder's disk is nearly full; absent when it is not. */
  diskTold?(forwarder: string, disk: MarksRequest['disk']): void
  /** Somebody showed a client certificate that ends then; epoch milliseconds. */
  certificateShown?(name: string, endsAt: number): void
  /** The certificates that a forwarder shows and trusts elsewhere, with their ends. */
  credentialsTold?(forwarder: string, credentials: NonNullable<MarksRequest['credentials']>): void
  /** Opens a way to fetch again what was not kept, for one request: until the signal aborts. */
  readonly refetch?: (signal: AbortSignal) => FetchAgain
}

/** The members' records in their order; `too-much` when they are more than may be held at once. Never rejects. */
export type FetchAgain = (members: readonly StoredMember[]) => Promise<readonly Found[] | 'too-much'>

export type Found = { readonly bytes: Uint8Array } | { readonly absent: Absent }

export type Absent = NonNullable<EvidenceLine['absent']>

export interface ApiLimits {
  /** Longest wait of a long poll; a longer one is asked for in vain and answered after this. */
  readonly waitSecondsMax: number
  /** Bytes of one page of the feed before compression; a single line beyond it goes alone. */
  readonly pageBytesMax: number
  /** How long a page is held back after its first alert, so that those right behind it share the response. */
  readonly coalesceMs: Readonly<Record<Lane, number>>
  /** Requests per token; one more is refused until the minute is over. */
  readonly requestsPerMinuteMax: number
  /** Bytes of a request's body; a larger one is refused unread. */
  readonly bodyBytesMax: number
  /** Requests for evidence at work at once; one more is refused and may ask again. */
  readonly evidenceRequestsMax: number
  /** Time for which records are fetched again in one request; members that are left then come without. */
  readonly evidenceSecondsMax: number
}

export const API_LIMITS: ApiLimits = {
  waitSecondsMax: 60,
  pageBytesMax: 1_000_000,
  coalesceMs: { urgent: 150, bulk: 1500 },
  requestsPerMinuteMax: 1200,
  bodyBytesMax: 1_000_000,
  evidenceRequestsMax: 4,
  evidenceSecondsMax: 600,
}
