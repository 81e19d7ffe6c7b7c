import { type Clock, messageOf, type Report, type Secret } from '@weir/runtime'

/** A credential in a file, which somebody may replace. */
export interface Refreshable {
  /** For the log: `token NAME`, `certificate of the API`. */
  readonly name: string
  /** Reads it again; true when it is another one. Throws when it cannot be used; the old one stays in force. */
  refresh(): boolean
}

interface Ports {
  readonly clock: Clock
  readonly report: Report
}

/** How long a new credential waits at most until it is in force. */
const REFRESH_MS = 5000
/** Certificate and key are two files: between one and the other they do not fit, and that is no news. */
const FAILURES_MIN = 2

/** Every few seconds until the signal aborts: what was replaced comes into force, without a restart. */
export async function keepFresh(
  all: readonly Refreshable[],
  ports: Ports,
  signal: AbortSignal,
): Promise<void> {
  const failures = new Map<Refreshable, number>()
  while (all.length > 0 && !signal.aborted) {
    await ports.clock.sleep(REFRESH_MS, signal)
    if (signal.aborted) return
    for (const each of all) refresh(each, failures, ports)
  }
}

/** Of tokens those that stand in a file. */
export function freshTokens(
  tokens: readonly { readonly name: string; readonly token?: Secret | undefined }[],
): Refreshable[] {
  return tokens.flatMap(({ name, token }) =>
    token === undefined ? [] : [{ name: `token ${name}`, refresh: () => token.refresh() }],
  )
}

function refresh(one: Refreshable, failures: Map<Refreshable, number>, { report }: Ports): void {
  const { name } = one
  try {
    if (one.refresh()) report.event('info', 'credential_changed', { credential: name })
    failures.delete(one)
  } catch (error) {
    const count = (failures.get(one) ?? 0) + 1
    failures.set(one, count)
    if (count === FAILURES_MIN)
      report.event('error', 'credential_unreadable', { credential: name, reason: messageOf(error) })
  }
}
