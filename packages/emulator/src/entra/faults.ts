/** What happens to a request instead of, or on the way of, its answer. */
export type RestFault =
  /** Another answer, `retryAfter` in the header's own words. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string; readonly retryAfter?: string }
  /** Half of the body, then the connection is gone. */
  | { readonly kind: 'cut' }
  /** Half of the body as if it were the whole. */
  | { readonly kind: 'truncate' }
  /** A `Date` that is so far ahead. */
  | { readonly kind: 'date'; readonly aheadMs: number }
  /** Another body in its place. */
  | { readonly kind: 'body'; readonly body: string }

interface Planned {
  readonly fault: RestFault
  readonly path: RegExp
  left: number
}

/** Faults that wait for requests, in the order in which they were planned. */
export class RestFaults {
  readonly #planned: Planned[] = []

  /** @param path what the address of the request must hold, query and all */
  plan(fault: RestFault, times = 1, path = /./): void {
    this.#planned.push({ fault, path, left: times })
  }

  /** Faults that no request has met yet. */
  get waiting(): number {
    return this.#planned.reduce((sum, { left }) => sum + left, 0)
  }

  clear(): void {
    this.#planned.splice(0)
  }

  /** The fault that this request meets. */
  take(url: string): RestFault | undefined {
    const met = this.#planned.find(({ path, left }) => left > 0 && path.test(url))
    if (met !== undefined) met.left--
    return met?.fault
  }
}
