import { GuardedServer, type RestReply, refusal } from '../entra/guarded-server.ts'
import { EntraTokens } from '../entra/tokens.ts'
import { spanOf } from './listing.ts'

const CONTENT_TYPES = new Set([
  'Audit.AzureActiveDirectory',
  'Audit.Exchange',
  'Audit.SharePoint',
  'Audit.General',
  'DLP.All',
])
const DAY_MS = 86_400_000

interface Content {
  readonly type: string
  readonly id: string
  readonly created: number
  readonly body: string
}

/**
 * Stands for the Office 365 Management Activity API of one tenant: subscriptions, listings in pages, content in
 * blobs. Content can be put into the past, and can be gone by the time it is asked for.
 */
export class O365StandIn {
  readonly server: GuardedServer
  readonly tenantId: string
  readonly subscribed = new Set<string>()
  /** Contents of one page of a listing. */
  pageContents = 10
  /** The identity lacks the permission. */
  denied = false
  readonly #contents = new Map<string, Content>()
  /** Where a further page begins: listings under way. */
  readonly #pages = new Map<string, readonly Content[]>()
  readonly #gone = new Set<string>()

  private constructor(tenantId: string, tokens: EntraTokens) {
    this.tenantId = tenantId
    this.server = new GuardedServer((method, url) => this.#handle(method, url), tokens)
  }

  /** @param tokens those of another stand-in, where one identity is to read both */
  static async start(tenantId: string, tokens = new EntraTokens()): Promise<O365StandIn> {
    const o365 = new O365StandIn(tenantId, tokens)
    await o365.server.listen()
    return o365
  }

  /** Puts one content blob of these records; its id. */
  put(type: string, records: readonly string[], created: number): string {
    const id = `${type}$${this.#contents.size}`
    this.#contents.set(id, { type, id, created, body: `[${records.join(',')}]` })
    return id
  }

  /** A content that is listed and no longer given. */
  expire(id: string): void {
    this.#gone.add(id)
  }

  /** Further pages of listings under way are no longer there. */
  expirePages(): void {
    this.#pages.clear()
  }

  clear(): void {
    this.#contents.clear()
    this.#gone.clear()
    this.subscribed.clear()
  }

  stop(): void {
    this.server.stop()
  }

  #handle(method: string, url: URL): RestReply {
    const [, , version, tenant, ...rest] = url.pathname.split('/')
    const path = rest.join('/')
    if (version !== 'v1.0' || !path.startsWith('activity/feed/')) return refusal(404, 'NotFound')
    if (tenant !== this.tenantId) return refusal(400, 'AF20010')
    if (this.denied) return refusal(403, 'AF10001')
    const below = path.slice('activity/feed/'.length)
    if (method === 'GET' && below.startsWith('audit/'))
      return this.#content(decodeURIComponent(below.slice(6)))
    return this.#subscription(`${method} ${below}`, url)
  }

  #subscription(what: string, url: URL): RestReply {
    if (what === 'GET subscriptions/list') return this.#list()
    const type = url.searchParams.get('contentType') ?? ''
    if (!CONTENT_TYPES.has(type)) return refusal(400, 'AF20020')
    switch (what) {
      case 'POST subscriptions/start':
        return this.#start(type)
      case 'GET subscriptions/content':
        return this.subscribed.has(type) ? this.#listing(url, type) : refusal(400, 'AF20022')
      default:
        return refusal(404, 'NotFound')
    }
  }

  #list(): RestReply {
    const list = [...this.subscribed].map((contentType) => ({
      contentType,
      status: 'enabled',
      webhook: null,
    }))
    return { status: 200, body: JSON.stringify(list) }
  }

  #start(contentType: string): RestReply {
    if (this.subscribed.has(contentType)) return refusal(400, 'AF20024')
    this.subscribed.add(contentType)
    return { status: 200, body: JSON.stringify({ contentType, status: 'enabled', webhook: null }) }
  }

  #listing(url: URL, type: string): RestReply {
    const span = spanOf(url.searchParams, this.server.now())
    if ('status' in span) return span
    const page = url.searchParams.get('nextPage')
    const left = page === null ? this.#within(type, span) : this.#pages.get(page)
    return left === undefined ? refusal(400, 'AF20031') : this.#page(url, left)
  }

  /** Unordered, as the service is: by identifier. */
  #within(type: string, { from, to }: { readonly from: number; readonly to: number }): readonly Content[] {
    return [...this.#contents.values()]
      .filter((each) => each.type === type && each.created >= from && each.created < to)
      .sort((a, b) => (a.id < b.id ? 1 : -1))
  }

  #page(url: URL, contents: readonly Content[]): RestReply {
    const body = JSON.stringify(contents.slice(0, this.pageContents).map((content) => this.#named(content)))
    const left = contents.slice(this.pageContents)
    if (left.length === 0) return { status: 200, body }
    const page = `page${this.#pages.size}-${left.length}-${this.server.requests.length}`
    this.#pages.set(page, left)
    const next = new URL(url)
    next.searchParams.delete('PublisherIdentifier')
    next.searchParams.set('nextPage', page)
    return { status: 200, body, headers: { NextPageUri: next.href } }
  }

  #named({ type, id, created }: Content): object {
    return {
      contentUri: `${this.server.url}/api/v1.0/${this.tenantId}/activity/feed/audit/${encodeURIComponent(id)}`,
      contentId: id,
      contentType: type,
      contentCreated: new Date(created).toISOString(),
      contentExpiration: new Date(created + 7 * DAY_MS).toISOString(),
    }
  }

  #content(id: string): RestReply {
    const content = this.#contents.get(id)
    if (content === undefined) return refusal(400, 'AF20050')
    return this.#gone.has(id) ? refusal(400, 'AF20051') : { status: 200, body: content.body }
  }
}
