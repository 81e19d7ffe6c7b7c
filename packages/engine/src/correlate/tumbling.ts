import type { Match } from '@weir/model'
import { admit, membersBeside } from './admission.ts'
import { matchesOf } from './chain.ts'
import type { Change } from './change.ts'
import { cover } from './cover.ts'
import { indexAfter, indexAt } from './group.ts'
import type { Judge, JudgePorts } from './judge.ts'
import { measureOf, meets, numbersOf } from './measure.ts'
import { tumblingWindow } from './reach.ts'
import { relink } from './relink.ts'
import type { Group, Held, Table } from './state.ts'
import type { Window } from './window.ts'

/** Windows that are aligned to the epoch, each judged once, when the watermark has passed its end. */
export class Tumbling implements Judge {
  readonly #table: Table
  readonly #ports: JudgePorts

  constructor(table: Table, ports: JudgePorts) {
    this.#table = table
    this.#ports = ports
  }

  add(match: Match): void {
    admit(this.#table, match, this.#ports)
  }

  amend(base: Group, change: Change, now: number): void {
    const fresh = relink(this.#table, base, change, matchesOf(change), this.#ports, now)
    for (const match of fresh) if (match.time >= this.#table.watermark) this.add(match)
  }

  judge(group: Group, now: number): void {
    const live = this.#ports.live(now)
    for (const window of windowsDue(group)) if (this.#isSatisfied(group, window)) cover(group, window, live)
    this.#ports.propagate(group, live.change, now)
  }

  forget(): void {}

  #isSatisfied(group: Group, window: Window): boolean {
    const { correlation, rule } = this.#table
    const members = group.held.slice(indexAt(group.held, window.first), indexAfter(group.held, window.right))
    if (membersBeside(group, window.first) >= this.#ports.limits.membersPerGroupMax) {
      this.#ports.journal.skipped(rule.id, 'members-bound')
      if (!couldOnlyGrow(this.#table, members)) return false
    }
    return meets(measureOf(correlation, members), correlation.condition)
  }
}

/** The windows that hold members of no episode and that the watermark has passed, by time. */
function windowsDue({ table, held }: Group): Window[] {
  const windows: Window[] = []
  for (const { time, episode } of held) {
    const window = tumblingWindow(time, table.timespanMs)
    if (window.right >= table.watermark) break
    if (episode === undefined && windows.at(-1)?.first !== window.first) windows.push(window)
  }
  return windows
}

/**
 * A window at its bound may have lost members. It is judged by those that it has only where more could not have
 * made it untrue: a sum of what is not negative, with a lower bound alone. Anything else errs towards fewer alerts.
 */
function couldOnlyGrow({ correlation: { type, condition } }: Table, members: readonly Held[]): boolean {
  const { lt, lte, eq, neq } = condition
  const isOpen = [lt, lte, eq, neq].every((bound) => bound === undefined)
  return type === 'value_sum' && isOpen && numbersOf(members).every((number) => number >= 0)
}
