import { Agent, type Dispatcher } from 'undici'
import { type AlertV1, alertV1 } from './alert-v1.ts'
import {
  type AlertsQuery,
  type AlertsReply,
  type AuditQuery,
  type AuditReply,
  alertsReply,
  auditReply,
  type CallerReply,
  type CanariesQuery,
  type CanariesReply,
  callerReply,
  canariesReply,
  type EvidenceLine,
  type EvidenceSize,
  evidenceLine,
  evidenceSize,
  type HealthReply,
  healthReply,
  type LedgerQuery,
  type LedgerReply,
  ledgerReply,
  type QuarantineQuery,
  type QuarantineReply,
  quarantineReply,
  type RecordsReply,
  type RecordsRequest,
  type RulesReply,
  recordsReply,
  rulesReply,
  type SourcesReply,
  sourcesReply,
} from './api.ts'
import {
  type Call,
  type Caller,
  createCaller,
  createStreamer,
  linesOf,
  parseReply,
  parseText,
  type Reply,
  type Streamer,
  type TokenSource,
} from './client-http.ts'
import {
  type Lane,
  type MarksRequest,
  SESSION_HEADER,
  type SessionReply,
  type SessionRequest,
  sessionReply,
} from './feed.ts'
import { FIRST_HISTORY, HISTORY_CODING, HISTORY_HEADER, type History, historyAfter } from './history.ts'

export interface ClientOptions {
  /** Of the aggregator, without a path. */
  readonly url: string
  /** A function is asked at each call; without one it is a client certificate that says who we are. */
  readonly token?: TokenSource
  /** PEM texts, for HTTPS. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Instead of connections of the client's own; whoever gives it closes it. */
  readonly dispatcher?: Dispatcher
}

export interface PageRequest {
  readonly session: string
  readonly lane: Lane
  readonly after: number
  /** Whole seconds to wait for news. */
  readonly waitSeconds: number
  readonly signal?: AbortSignal
}

/** The feed, for a forwarder. */
export interface FeedClient {
  session(request: SessionRequest, signal?: AbortSignal): Promise<SessionReply>
  /**
   * The lines of a page as they were sent, `end` last and unchecked; `undefined` when nothing came within
   * the wait.
   */
  page(request: PageRequest): Promise<readonly Buffer[] | undefined>
  marks(session: string, marks: MarksRequest, signal?: AbortSignal): Promise<void>
}

/** The aggregator's API; every method throws `ContractError`. */
export interface Client {
  health(): Promise<HealthReply>
  /** Who we are to the aggregator. */
  me(): Promise<CallerReply>
  /** Pages of alerts, newest change first, until there are no more. */
  alerts(query?: AlertsQuery): AsyncGenerator<AlertsReply>
  alert(id: string): Promise<AlertV1>
  /** Line by line as they come, however many; who stops early ends the request. */
  evidence(id: string): AsyncGenerator<EvidenceLine>
  evidenceSize(id: string): Promise<EvidenceSize>
  /** Pages of requests for evidence, newest first, until there are no more; an admin's. */
  audit(query?: AuditQuery): AsyncGenerator<AuditReply>
  /** Pages of records that could not be read, newest first, until there are no more. */
  quarantine(query?: QuarantineQuery): AsyncGenerator<QuarantineReply>
  /** Canaries that came, newest first. */
  canaries(query?: CanariesQuery): Promise<CanariesReply>
  /** Hands over records that were missed; an admin's. */
  records(body: RecordsRequest): Promise<RecordsReply>
  rules(): Promise<RulesReply>
  sources(): Promise<SourcesReply>
  /** What came in and what crossed the link, by day; today when the query says nothing. */
  ledger(query?: LedgerQuery): Promise<LedgerReply>
  readonly feed: FeedClient
  close(): Promise<void>
}

export function createClient(options: ClientOptions): Client {
  const own = options.dispatcher === undefined ? agentFor(options) : undefined
  const call = createCaller(options.url, options.token, own ?? options.dispatcher!)
  const streamer = createStreamer(options.url, options.token, own ?? options.dispatcher!)
  return {
    health: async () => parseReply(healthReply, 'health', await call(get('/v1/health'))),
    me: async () => parseReply(callerReply, 'me', await call(get('/v1/me'))),
    alerts: (query) =>
      pages(call, '/v1/alerts', query ?? {}, (page) => parseReply(alertsReply, 'alerts', page)),
    alert: async (id) => parseReply(alertV1, 'alert', await call(get(alertPath(id)))),
    evidence: (id) => evidenceLines(streamer, id),
    evidenceSize: async (id) =>
      parseReply(evidenceSize, 'evidence size', await call(get(`${alertPath(id)}/evidence/size`))),
    audit: (query) => pages(call, '/v1/audit', query ?? {}, (page) => parseReply(auditReply, 'audit', page)),
    quarantine: (query) =>
      pages(call, '/v1/quarantine', query ?? {}, (page) => parseReply(quarantineReply, 'quarantine', page)),
    canaries: async (query) =>
      parseReply(canariesReply, 'canaries', await call(get(`/v1/canaries?${search({ ...query })}`))),
    records: async (body) =>
      parseReply(recordsReply, 'records', await call({ method: 'POST', path: '/v1/records', body })),
    rules: async () => parseReply(rulesReply, 'rules', await call(get('/v1/rules'))),
    sources: async () => parseReply(sourcesReply, 'sources', await call(get('/v1/sources'))),
    ledger: async (query) =>
      parseReply(ledgerReply, 'ledger', await call(get(`/v1/ledger?${search({ ...query })}`))),
    feed: feedClient(call),
    close: async () => own?.close(),
  }
}

function agentFor({ ca, cert, key }: ClientOptions): Agent {
  const trust = ca === undefined ? {} : { ca }
  const identity = cert === undefined || key === undefined ? {} : { cert, key }
  return new Agent({ connect: { allowH2: false, ...trust, ...identity } })
}

function get(path: string): Call {
  return { method: 'GET', path }
}

function alertPath(id: string): string {
  return `/v1/alerts/${encodeURIComponent(id)}`
}

async function* pages<Page extends { readonly next?: string | undefined }>(
  call: Caller,
  path: string,
  query: AlertsQuery | AuditQuery | QuarantineQuery,
  read: (reply: Reply) => Page,
): AsyncGenerator<Page> {
  for (let after = query.after; ; ) {
    const page = read(await call(get(`${path}?${search({ ...query, after })}`)))
    yield page
    if (page.next === undefined) return
    after = page.next
  }
}

function search(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString()
}

async function* evidenceLines(stream: Streamer, id: string): AsyncGenerator<EvidenceLine> {
  for await (const line of stream(get(`${alertPath(id)}/evidence`)))
    yield parseText(evidenceLine, 'evidence', line, 200)
}

function feedClient(call: Caller): FeedClient {
  const histories = new Map<Lane, { readonly session: string; readonly history: History }>()
  return {
    session: async (body, signal) => {
      const reply = await call({ method: 'POST', path: '/v1/feed/session', body, ...aborting(signal) })
      return parseReply(sessionReply, 'feed session', reply)
    },
    page: async ({ session, lane, after, waitSeconds, signal }) => {
      const path = `/v1/feed/${lane}?after=${after}&wait=${waitSeconds}s`
      const known = histories.get(lane)
      const history = known?.session === session ? known.history : FIRST_HISTORY
      const headers = {
        [SESSION_HEADER]: session,
        [HISTORY_HEADER]: history.name,
      }
      const how = { headers, dictionary: history.bytes, waitMs: waitSeconds * 1000, ...aborting(signal) }
      const reply = await call({ ...get(path), ...how })
      if (reply.status === 204) return undefined
      const before = reply.coding === HISTORY_CODING ? history : FIRST_HISTORY
      histories.set(lane, { session, history: historyAfter(before, reply.body) })
      return linesOf(reply.body)
    },
    marks: async (session, body, signal) => {
      const headers = { [SESSION_HEADER]: session }
      await call({ method: 'POST', path: '/v1/feed/marks', headers, body, ...aborting(signal) })
    },
  }
}

function aborting(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
