import { Refusal } from '../refusal.ts'

/**
 * The live session of each forwarder. They do not outlive the process: after a restart every forwarder shakes
 * hands again, and that is where a restored database is found out before anything is served from it.
 */
export class Sessions {
  readonly #live = new Map<string, string>()

  open(forwarder: string, session: string): void {
    this.#live.set(forwarder, session)
  }

  /** Nobody has a session any more. */
  clear(): void {
    this.#live.clear()
  }

  /** Throws `Refusal` NO_SESSION or SESSION_TAKEN unless the session is the live one. */
  check(forwarder: string, session: string | undefined): void {
    const live = this.#live.get(forwarder)
    if (live === undefined || session === undefined)
      throw new Refusal('NO_SESSION', 'there is no session; open one with POST /v1/feed/session')
    if (live !== session) throw new Refusal('SESSION_TAKEN', takenBy(forwarder))
  }
}

export function takenBy(forwarder: string): string {
  return `a later session of the forwarder "${forwarder}" took over; run one process per forwarder`
}
