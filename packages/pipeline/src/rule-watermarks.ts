import type { Rule } from '@weir/engine'
import type { Watermarks } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { type LineSettings, latenessOf } from './settings.ts'

/** What a rule waits for, found once: thousands of rules share a few sets of datasets. */
interface Wait {
  readonly latenessMs: number
  /** Equal for rules of the same datasets. */
  readonly key: string
}

/** The watermark of each rule, from the clocks of what feeds its datasets. */
export class RuleWatermarks {
  readonly #settings: LineSettings
  readonly #watermarks: Watermarks
  readonly #waits = new WeakMap<Rule, Wait>()

  constructor(settings: LineSettings, watermarks: Watermarks) {
    this.#settings = settings
    this.#watermarks = watermarks
  }

  /** Watermarks as they stand now; the function is for use before the clocks move again. */
  now(): (rule: Rule) => number {
    const known = new Map<string, number>()
    return (rule) => {
      const { key, latenessMs } = this.#waitOf(rule)
      const watermark = known.get(key) ?? this.#watermarks.of(rule.datasets, latenessMs)
      known.set(key, watermark)
      return watermark
    }
  }

  /** How far a rule's watermark stays behind the wall clock when everything is read, milliseconds. */
  latenessOf(rule: Rule): number {
    return this.#waitOf(rule).latenessMs
  }

  #waitOf(rule: Rule): Wait {
    const had = this.#waits.get(rule)
    if (had !== undefined) return had
    const wait = { latenessMs: this.#latenessOf(rule), key: [...rule.datasets].sort().join('\n') }
    this.#waits.set(rule, wait)
    return wait
  }

  /** The largest lateness among the rule's datasets; among all when it names none. */
  #latenessOf(rule: Rule): number {
    const named =
      rule.datasets.size === 0
        ? [...DATASETS.values()]
        : [...rule.datasets].flatMap((name) => DATASETS.get(name) ?? [])
    return Math.max(0, ...named.map((dataset) => latenessOf(this.#settings, dataset)))
  }
}
