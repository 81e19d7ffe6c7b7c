import type { HttpAnswer } from '../http.ts'

/** What a balancer asks to be shown, so that it leads us to the same collector again. */
export class Cookies {
  readonly #values = new Map<string, string>()

  /** Keeps what an answer sets; their ages and paths are not looked at, they live as long as the connection. */
  take({ headers }: Pick<HttpAnswer, 'headers'>): void {
    for (const cookie of [headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = cookie.split(';')
      const equals = pair.indexOf('=')
      if (equals > 0) this.#values.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim())
    }
  }

  /** The header to send, where there is anything to show. */
  get header(): { readonly cookie?: string } {
    if (this.#values.size === 0) return {}
    return { cookie: [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ') }
  }
}
