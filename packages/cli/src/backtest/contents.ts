import { hash } from 'node:crypto'

/**
 * Alerts of one run that are remembered for the comparison; those beyond it are counted, and neither compared nor
 * told from a repeat of the same event. 100 MB or so where it is reached.
 */
const ALERTS_COMPARED_MAX = 1_000_000
/** Alerts of a rule whose message is kept as an example. */
const MESSAGES_PER_RULE_MAX = 10_000

/** What an alert is, its id and its revisions aside. */
export interface Content {
  readonly rule: string
  readonly group: unknown
  /** Identities of its events, sorted. */
  readonly events: readonly string[]
}

/** The alerts of one run by what they are: rule, group and set of events. */
export class Contents {
  readonly #byRule = new Map<string, Map<string, string | undefined>>()
  #size = 0
  /** The bound was reached: alerts were left out of the comparison. */
  full = false

  get rules(): readonly string[] {
    return [...this.#byRule.keys()]
  }

  /** False when it is here already, or when there is no room. */
  add(content: Content, message: string): boolean {
    const alerts = this.#byRule.get(content.rule) ?? new Map<string, string | undefined>()
    this.#byRule.set(content.rule, alerts)
    const key = keyOf(content)
    if (alerts.has(key)) return false
    if (this.#size >= ALERTS_COMPARED_MAX) {
      this.full = true
      return false
    }
    this.#size++
    alerts.set(key, alerts.size < MESSAGES_PER_RULE_MAX ? message : undefined)
    return true
  }

  has(content: Content): boolean {
    return this.#byRule.get(content.rule)?.has(keyOf(content)) === true
  }

  /** Alerts of a rule: what each is, and its message where that was kept. */
  of(rule: string): ReadonlyMap<string, string | undefined> {
    return this.#byRule.get(rule) ?? new Map()
  }
}

function keyOf({ group, events }: Content): string {
  return hash('sha256', JSON.stringify([group, events]), 'base64url').slice(0, 22)
}
