/**
 * What a fault does to what it meets. Conditions are AMQP error conditions (`com.microsoft:server-busy`).
 */
export type FaultAction =
  | { readonly kind: 'refuse'; readonly condition: string }
  | { readonly kind: 'detach'; readonly condition: string | undefined }
  | { readonly kind: 'drop' }
  | { readonly kind: 'stall'; readonly ms: number }
  | { readonly kind: 'never-reply' }
  | { readonly kind: 'duplicate' }

/**
 * Where faults strike and with what. On `send`, refuse and detach come before the events are stored; drop,
 * stall and never-reply after, so that they are there but the sender does not know.
 */
export const FAULT_ACTIONS = {
  connection: ['refuse', 'drop', 'stall', 'never-reply'],
  'put-token': ['refuse', 'drop', 'stall', 'never-reply'],
  attach: ['refuse', 'drop', 'stall', 'never-reply'],
  send: ['refuse', 'detach', 'drop', 'stall', 'never-reply'],
  deliver: ['detach', 'drop', 'stall', 'never-reply', 'duplicate'],
  management: ['refuse', 'drop', 'stall', 'never-reply'],
} as const satisfies Record<string, readonly FaultAction['kind'][]>

export type FaultPoint = keyof typeof FAULT_ACTIONS

/** What a happening concerns, as far as it is known there, and what a rule asks for. */
export interface Place {
  readonly hub?: string | undefined
  readonly partition?: string | undefined
  readonly group?: string | undefined
}

/** Strikes the first `times` happenings at its point and place, after it has let `after` of them pass. */
export interface FaultRule {
  readonly point: FaultPoint
  readonly match: Place
  readonly times: number
  readonly after: number
  readonly action: FaultAction
}

/** Rules waiting at once; one more is refused. */
const FAULT_RULES_MAX = 100

/**
 * The faults still to come. Rules are tried in the order in which they were added; the first that strikes
 * wins.
 */
export class Faults {
  #waiting: { readonly rule: FaultRule; after: number; times: number }[] = []

  /** Throws a RangeError when too many wait already. */
  add(rule: FaultRule): void {
    if (this.#waiting.length >= FAULT_RULES_MAX)
      throw new RangeError(`more than ${FAULT_RULES_MAX} fault rules`)
    this.#waiting.push({ rule, after: rule.after, times: rule.times })
  }

  clear(): void {
    this.#waiting = []
  }

  /** Rules not used up, with how often each will still strike. */
  get waiting(): readonly FaultRule[] {
    return this.#waiting.map(({ rule, after, times }) => ({ ...rule, after, times }))
  }

  /** The fault that strikes here and now, used up by one; `undefined` when none does. */
  take(point: FaultPoint, place: Place): FaultAction | undefined {
    for (const each of this.#waiting) {
      if (each.rule.point !== point || !covers(each.rule.match, place)) continue
      if (each.after > 0) {
        each.after -= 1
        continue
      }
      each.times -= 1
      if (each.times === 0) this.#waiting = this.#waiting.filter((other) => other !== each)
      return each.rule.action
    }
    return undefined
  }
}

/** Whether a wish (only some of the three given) covers a place. */
export function covers(wish: Place, place: Place): boolean {
  return (
    (wish.hub === undefined || wish.hub === place.hub) &&
    (wish.partition === undefined || wish.partition === place.partition) &&
    (wish.group === undefined || wish.group === place.group)
  )
}
