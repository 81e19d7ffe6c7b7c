import type { Vocabulary } from '../rule/vocabulary.ts'
import type { SigmaCorrelation } from './document.ts'
import { type CorrelationDraft, type Entry, isCorrelation } from './entry.ts'
import type { References } from './references.ts'
import { Refused } from './refusal.ts'

/** Alias, then Weir rule id, then the field. */
type Aliases = Record<string, Record<string, string>>

/** Writes correlations in Weir's words: ids of rules, ECS fields. */
export class Correlations {
  readonly #references: References
  readonly #vocabulary: Vocabulary
  readonly #under = new Set<Entry>()

  constructor(references: References, vocabulary: Vocabulary) {
    this.#references = references
    this.#vocabulary = vocabulary
  }

  /** Those that it is built on are resolved first. Throws `Refused`. */
  resolve(entry: Entry<SigmaCorrelation>): void {
    if (entry.correlation !== undefined) return
    this.#under.add(entry)
    try {
      entry.correlation = this.#draft(entry)
    } finally {
      this.#under.delete(entry)
    }
  }

  #draft(entry: Entry<SigmaCorrelation>): CorrelationDraft {
    const { document } = entry
    const bases = this.#basesOf(entry)
    const aliases: Aliases = {}
    const key = (field: string) => this.#keyOf(field, entry, bases, aliases)
    const keys = new Map(document.groupBy.map((field) => [field, key(field)]))
    const groupBy = [...keys.values()]
    const condition = conditionOf(document, document.fields.map(key))
    const json = {
      type: document.type,
      rules: bases.map((base) => base.ruleId),
      ...(groupBy.length > 0 && { 'group-by': groupBy }),
      timespan: document.timespan,
      ...(condition && { condition }),
      ...(Object.keys(aliases).length > 0 && { aliases }),
    }
    return { bases, json, keys }
  }

  #basesOf(entry: Entry<SigmaCorrelation>): readonly Entry[] {
    const bases = entry.document.rules.map((word) => this.#references.find(word, entry.file))
    if (new Set(bases).size < bases.length) throw new Refused('correlation', 'a rule is listed twice')
    for (const base of bases) {
      if (this.#under.has(base)) throw new Refused('correlation', 'the correlation is built on itself')
      if (isCorrelation(base) && base.refused === undefined) this.#resolveBase(base)
      if (base.refused !== undefined)
        throw new Refused(
          'refused-rule',
          `it is over "${base.document.words.title}", which was refused (${base.refused.code})`,
        )
    }
    return bases
  }

  #resolveBase(base: Entry<SigmaCorrelation>): void {
    try {
      this.resolve(base)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      base.refused = error
    }
  }

  /** The name that stands for a field in the Weir rule: the ECS field, or an alias where the rules do not agree on one. */
  #keyOf(field: string, entry: Entry<SigmaCorrelation>, bases: readonly Entry[], aliases: Aliases): string {
    const alias = entry.document.aliases.get(field)
    const perBase = bases.map((base) => {
      const named = alias === undefined ? field : this.#aliased(field, alias, base, entry.file)
      return [base.ruleId, this.#baseKey(named, base)] as const
    })
    const distinct = new Set(perBase.map(([, key]) => key))
    if (distinct.size === 1) return perBase[0]![1]
    aliases[field] = Object.fromEntries(perBase)
    return field
  }

  #aliased(alias: string, fields: ReadonlyMap<string, string>, base: Entry, file: string): string {
    for (const [word, field] of fields) if (this.#references.findAny(word, file) === base) return field
    throw new Refused('correlation', `alias "${alias}" says nothing for "${base.document.words.title}"`)
  }

  #baseKey(field: string, base: Entry): string {
    const title = base.document.words.title
    if (base.correlation !== undefined) {
      const key = base.correlation.keys.get(field)
      if (key !== undefined) return key
      throw new Refused('group-field', `"${title}" is a correlation and does not group by "${field}"`)
    }
    return this.#fieldOf(field, base)
  }

  #fieldOf(field: string, base: Entry): string {
    const { fields } = base.event!
    const gate = new Set(fields.datasets)
    if (this.#vocabulary.hasField(gate, field)) return field
    const group = fields.placesOf(field).find((place) => place.group !== undefined)?.group
    if (group !== undefined && this.#vocabulary.hasField(gate, group)) return group
    throw new Refused('group-field', `no ECS field of ${fields.datasets.join(', ')} is mapped to "${field}"`)
  }
}

/** Whether the bounds go with the type is the loader's to say. */
function conditionOf(
  { bounds, percentile }: SigmaCorrelation,
  fields: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  if (bounds.size === 0 && fields.length === 0) return undefined
  return {
    ...(fields.length > 0 && { field: fields.length === 1 ? fields[0] : fields }),
    ...(percentile !== undefined && { percentile }),
    ...Object.fromEntries(bounds),
  }
}
