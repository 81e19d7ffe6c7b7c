import { isObject } from '@weir/model'
import type { RestAnswer } from '../rest/client.ts'
import { type Element, elementsOf, parsedBody } from '../rest/elements.ts'
import { BrokenBody } from '../rest/failure.ts'
import type { Window } from '../rest/windows.ts'
import type { O365Config, O365ContentType } from './config.ts'

/** One content blob, as a listing names it. */
export interface Content {
  readonly id: string
  readonly url: string
  /** Epoch milliseconds. */
  readonly created: number
}

/** One page of a listing. */
export interface ContentPage {
  readonly contents: readonly Content[]
  /** The next page stands in a header. */
  readonly next: string | undefined
}

/** The addresses of one tenant's activity feed. */
export class Feed {
  readonly #base: string
  readonly #publisher: string

  constructor({ root, tenantId, publisherId = tenantId }: O365Config) {
    this.#base = `${root}/api/v1.0/${tenantId}/activity/feed/subscriptions`
    this.#publisher = publisherId
  }

  subscriptions(): string {
    return this.ours(`${this.#base}/list`)
  }

  start(type: O365ContentType): string {
    return this.ours(`${this.#base}/start?contentType=${type}`)
  }

  /** From the first instant up to, not including, the second; whole seconds, as the service takes them. */
  listing(type: O365ContentType, { from, to }: Window): string {
    const times = `startTime=${seconds(from)}&endTime=${seconds(to)}`
    return this.ours(`${this.#base}/content?contentType=${type}&${times}`)
  }

  /** Says whose quota the request counts against. */
  ours(url: string): string {
    if (/[?&]PublisherIdentifier=/i.test(url)) return url
    return `${url}${url.includes('?') ? '&' : '?'}PublisherIdentifier=${this.#publisher}`
  }
}

/** Throws `BrokenBody` for what is no listing. */
export function contentPage({ headers, body }: RestAnswer): ContentPage {
  const value = parsedBody(body)
  if (!Array.isArray(value))
    throw new BrokenBody(`a listing of ${body.length} bytes is cut off or is no JSON`)
  const next = headers.get('nextpageuri')
  return { contents: value.flatMap(contentOf), next: next === null || next === '' ? undefined : next }
}

/** The records of a content blob; throws `BrokenBody` for what is none. */
export function recordsOf({ body }: RestAnswer): readonly Element[] {
  const value = parsedBody(body)
  if (!Array.isArray(value)) throw new BrokenBody(`content of ${body.length} bytes is cut off or is no JSON`)
  return elementsOf(body, value)
}

function contentOf(value: unknown): Content[] {
  if (!isObject(value)) return []
  const { contentId: id, contentUri: url, contentCreated } = value
  if (typeof id !== 'string' || typeof url !== 'string' || typeof contentCreated !== 'string') return []
  const created = Date.parse(contentCreated)
  return Number.isNaN(created) ? [] : [{ id, url, created }]
}

function seconds(time: number): string {
  return new Date(time).toISOString().slice(0, 19)
}
