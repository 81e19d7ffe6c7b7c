import type { MarksRequest } from '@weir/contract'
import type { HealthCode, HealthReport } from '@weir/model'
import type { Clock } from '@weir/runtime'
import type { StatusReader } from './api/context.ts'
import { firstEnd, lastEnd } from './certificate-end.ts'
import type { AggregatorConfig } from './config.ts'
import type { FreshTls } from './tls.ts'

/** A credential and when it ends; epoch milliseconds. */
export interface Ending {
  readonly subject: string
  readonly endsAt: number
}

type Told = NonNullable<MarksRequest['credentials']>

/** All that is known of when credentials end: our own, those that were shown, and those that forwarders tell of. */
export class CredentialEnds {
  readonly #tokens: AggregatorConfig['api']['tokens']
  readonly #tls: Pick<FreshTls, 'pem'> | undefined
  readonly #shown = new Map<string, number>()
  readonly #told = new Map<string, Told>()

  constructor(tokens: AggregatorConfig['api']['tokens'], tls: Pick<FreshTls, 'pem'> | undefined) {
    this.#tokens = tokens
    this.#tls = tls
  }

  /** What the API is to call. */
  reader(): Pick<StatusReader, 'certificateShown' | 'credentialsTold'> {
    return {
      certificateShown: (name, endsAt) => void this.#shown.set(name, endsAt),
      credentialsTold: (forwarder, list) => void this.#told.set(forwarder, list),
    }
  }

  all(): Ending[] {
    const shown = [...this.#shown].map(([name, endsAt]) => ({ subject: `certificate of ${name}`, endsAt }))
    const told = [...this.#told].flatMap(([forwarder, list]) =>
      list.map(({ name, ends }) => ({
        subject: `forwarder ${forwarder}: ${name}`,
        endsAt: Date.parse(ends),
      })),
    )
    return [...this.#own(), ...endsOfTokens(this.#tokens), ...shown, ...told]
  }

  /** Whether nobody has told of it since the start, so that it may stand as it was before. */
  unheard(subject: string): boolean {
    return this.#tokens.some(
      ({ name }) =>
        (subject === `certificate of ${name}` && !this.#shown.has(name)) ||
        (subject.startsWith(`forwarder ${name}: `) && !this.#told.has(name)),
    )
  }

  #own(): Ending[] {
    if (this.#tls === undefined) return []
    const { cert, ca } = this.#tls.pem
    const own = { subject: 'certificate of the API', endsAt: firstEnd(cert) }
    return ca === undefined
      ? [own]
      : [own, { subject: 'authority of clients of the API', endsAt: lastEnd(ca) }]
  }
}

/** A token is at its end when its successors are, too. */
export function endsOfTokens(tokens: AggregatorConfig['api']['tokens']): Ending[] {
  const ends = new Map<string, number>()
  for (const { name, expires = Number.POSITIVE_INFINITY } of tokens)
    ends.set(name, Math.max(expires, ends.get(name) ?? 0))
  return [...ends].map(([name, endsAt]) => ({ subject: `token ${name}`, endsAt }))
}

const DAY_MS = 86_400_000
/** Forwarders have come back by then after a restart of ours. */
const FIRST_CHECK_MS = 60_000
const CHECK_MS = 3_600_000

/** From how many days before the end on a credential is told of, and as what; the graver first. */
const STEPS = [
  { code: 'credential-last-days', days: 3 },
  { code: 'credential-expiring', days: 21 },
] as const satisfies readonly { code: HealthCode; days: number }[]

interface Ports {
  readonly clock: Clock
  readonly health: (report: HealthReport) => void
  readonly raised: () => readonly { readonly code: string; readonly subject: string }[]
}

/** Every hour until the signal aborts: credentials near their end are told of, and those that were renewed no more. */
export async function watchCredentials(
  ends: Pick<CredentialEnds, 'all' | 'unheard'>,
  ports: Ports,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = FIRST_CHECK_MS; !signal.aborted; waitMs = CHECK_MS) {
    await ports.clock.sleep(waitMs, signal)
    if (!signal.aborted) check(ends, ports)
  }
}

function check(ends: Pick<CredentialEnds, 'all' | 'unheard'>, { clock, health, raised }: Ports): void {
  const all = ends.all()
  for (const each of all) tell(each, clock.now(), health)
  const gone = raised().filter(
    ({ subject }) => !all.some((each) => each.subject === subject) && !ends.unheard(subject),
  )
  for (const { code } of STEPS)
    for (const each of gone.filter((condition) => condition.code === code))
      health({ code, subject: each.subject, state: 'cleared', detail: 'It is not in use any more.' })
}

function tell({ subject, endsAt }: Ending, now: number, health: Ports['health']): void {
  const due = STEPS.find(({ days }) => endsAt - now <= days * DAY_MS)
  for (const { code } of STEPS) {
    const state = code === due?.code ? 'raised' : 'cleared'
    health({ code, subject, state, detail: detailOf(endsAt, now) })
  }
}

function detailOf(endsAt: number, now: number): string {
  if (!Number.isFinite(endsAt)) return 'It has no end.'
  const at = new Date(endsAt).toISOString()
  return endsAt <= now ? `It ended at ${at}.` : `It ends at ${at}.`
}
