import { GuardedServer, type RestReply, refusal } from '../entra/guarded-server.ts'
import { EntraTokens } from '../entra/tokens.ts'
import { type Listed, type Listing, listingOf, type StreamRules } from './listing.ts'

const SIGN_INS: StreamRules = { time: 'createdDateTime', canOrder: false, topMax: 1_000 }

/** The paths that it has, as Graph documents them. */
const PATHS = {
  '/v1.0/auditLogs/signIns': SIGN_INS,
  '/beta/auditLogs/signIns': SIGN_INS,
  '/v1.0/auditLogs/directoryAudits': { time: 'activityDateTime', canOrder: true, topMax: 1_000 },
  '/v1.0/security/alerts_v2': { time: 'lastUpdateDateTime', canOrder: false, topMax: 2_000 },
} as const satisfies Readonly<Record<string, StreamRules>>

export type GraphPath = keyof typeof PATHS

/** Listings under way; the oldest are forgotten, as the service's links end too. */
const LISTINGS_MAX = 1_000

/**
 * Stands for Microsoft Graph: sign-ins, audits and alerts, newest first where nothing else is asked, in pages
 * whose links are of one moment. Records can be put into the past and can change.
 */
export class GraphStandIn {
  readonly server: GuardedServer
  readonly #records = new Map<string, Map<string, Listed>>()
  readonly #listings = new Map<string, Listing>()
  /** Application permissions that the identity lacks: their paths are refused. */
  readonly denied = new Set<GraphPath>()
  /** Where links lead instead of here. */
  linkRoot: string | undefined
  #links = 0
  #puts = 0

  private constructor(tokens: EntraTokens) {
    this.server = new GuardedServer((method, url) => this.#handle(method, url), tokens)
  }

  /** @param tokens those of another stand-in, where one identity is to read both */
  static async start(tokens = new EntraTokens()): Promise<GraphStandIn> {
    const graph = new GraphStandIn(tokens)
    await graph.server.listen()
    return graph
  }

  /** @param key a record of the same key is replaced; @param at its time, which may lie in the past */
  put(path: GraphPath, text: string, at: number, key = `#${this.#puts++}`, eventType?: string): void {
    const records = this.#records.get(path) ?? new Map<string, Listed>()
    this.#records.set(path, records)
    records.delete(key)
    records.set(key, eventType === undefined ? { at, text } : { at, text, eventType })
  }

  /** No records any more. */
  clear(): void {
    this.#records.clear()
  }

  /** Links given so far are no longer taken. */
  expireLinks(): void {
    this.#listings.clear()
  }

  stop(): void {
    this.server.stop()
  }

  #handle(method: string, url: URL): RestReply {
    const path = url.pathname as GraphPath
    const rules = PATHS[path]
    if (rules === undefined || method !== 'GET') return refusal(404, 'UnknownPath')
    if (this.denied.has(path)) return refusal(403, 'Authorization_RequestDenied')
    const token = url.searchParams.get('$skiptoken')
    const all = [...(this.#records.get(path)?.values() ?? [])]
    const listing = token === null ? listingOf(all, url.searchParams, rules) : this.#listings.get(token)
    if (listing === undefined) return refusal(400, 'InvalidSkipToken')
    return 'status' in listing ? listing : this.#page(url, listing)
  }

  #page(url: URL, listing: Listing): RestReply {
    const end = listing.offset + listing.top
    const texts = listing.records.slice(listing.offset, end).map(({ text }) => text)
    const context = `"@odata.context":"${this.server.url}/v1.0/$metadata#${url.pathname.slice(6)}"`
    const link =
      end < listing.records.length ? `,"@odata.nextLink":${this.#link(url, { ...listing, offset: end })}` : ''
    return { status: 200, body: `{${context}${link},"value":[${texts.join(',')}]}` }
  }

  #link(url: URL, listing: Listing): string {
    const token = `${++this.#links}`
    this.#listings.set(token, listing)
    for (const oldest of this.#listings.keys()) {
      if (this.#listings.size <= LISTINGS_MAX) break
      this.#listings.delete(oldest)
    }
    const link = new URL(url.pathname, this.linkRoot ?? this.server.url)
    link.searchParams.set('$skiptoken', token)
    return JSON.stringify(link.href)
  }
}
