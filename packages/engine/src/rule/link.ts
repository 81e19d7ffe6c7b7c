import type { Draft, DraftCorrelation } from './draft.ts'
import { canonical, sha256 } from './hash.ts'
import type { Placed } from './read-tree.ts'
import type { Correlation, Rule } from './rule.ts'
import { unknownField } from './unknown-field.ts'
import { TEMPLATE_WORDS, type Vocabulary } from './vocabulary.ts'

/** Joins the drafts into rules. Drafts that name what is not there are told to their problems and left out. */
export function linkRules(drafts: readonly Draft[], vocabulary: Vocabulary): readonly Rule[] {
  const byId = withoutDuplicates(drafts)
  withoutUnknown(byId)
  withoutCycles(byId)
  // Fields last: they need the datasets of every base rule, which only a graph without cycles has.
  withoutUnknownFields(byId, vocabulary)
  const linked = new Linker(byId)
  return [...byId.keys()].map((id) => linked.rule(id))
}

type Drafts = Map<string, Draft>

function withoutDuplicates(drafts: readonly Draft[]): Drafts {
  const byId: Drafts = new Map()
  for (const draft of drafts) {
    const first = byId.get(draft.words.id)
    if (first === undefined) byId.set(draft.words.id, draft)
    else
      draft.problems.error(
        draft.at,
        'duplicate-id',
        `"${draft.words.id}" is already the id of ${first.words.file}`,
      )
  }
  return byId
}

/** A rule that goes takes those built on it along, until all that is left stands. */
function withoutUnknown(byId: Drafts): void {
  let gone = true
  while (gone) {
    gone = false
    for (const [id, draft] of byId) {
      const missing = basesOf(draft).filter((base) => !byId.has(base.text))
      for (const { text, at } of missing)
        draft.problems.unknown(at, 'unknown-rule', 'rule, or one that did not load,', text, others(id, byId))
      if (missing.length > 0) gone = byId.delete(id)
    }
  }
}

function others(id: string, byId: Drafts): readonly string[] {
  return [...byId.keys()].filter((each) => each !== id)
}

function basesOf(draft: Draft): readonly Placed[] {
  return draft.correlation?.rules ?? []
}

function withoutCycles(byId: Drafts): void {
  const cyclic = [...byId.values()].filter((draft) => reaches(draft, draft.words.id, byId, new Set()))
  for (const draft of cyclic) {
    draft.problems.error(draft.correlation!.at, 'cycle', `"${draft.words.id}" is built on itself`)
    byId.delete(draft.words.id)
  }
  if (cyclic.length > 0) withoutUnknown(byId)
}

function reaches(draft: Draft, id: string, byId: Drafts, seen: Set<string>): boolean {
  for (const { text } of basesOf(draft)) {
    if (text === id) return true
    if (seen.has(text)) continue
    seen.add(text)
    if (reaches(byId.get(text)!, id, byId, seen)) return true
  }
  return false
}

function withoutUnknownFields(byId: Drafts, vocabulary: Vocabulary): void {
  let failed = false
  for (const draft of [...byId.values()]) {
    checkFields(draft, byId, vocabulary)
    if (!draft.problems.failed) continue
    byId.delete(draft.words.id)
    failed = true
  }
  if (failed) withoutUnknown(byId)
}

function checkFields(draft: Draft, byId: Drafts, vocabulary: Vocabulary): void {
  const bases = basesOf(draft)
  const targets = bases.length === 0 ? [draft] : bases.map((base) => byId.get(base.text)!)
  for (const target of targets) {
    for (const field of [...keysOf(draft), ...draft.suppressBy])
      checkField(field, draft, target, byId, vocabulary)
  }
  const known = new Set(targets.flatMap((target) => [...vocabulary.fieldNames(datasetsOf(target, byId))]))
  const others = [...(draft.correlation?.aliases.keys() ?? []), ...groupWords(draft)]
  const carried = (name: string) =>
    targets.some((target) => target.conditions && vocabulary.carries(datasetsOf(target, byId), name))
  const gate = datasetsOf(draft, byId)
  const words = [...known, ...others, ...TEMPLATE_WORDS]
  for (const { text, at } of draft.templateFields)
    if (!known.has(text) && !others.includes(text) && !carried(text))
      draft.problems.odd(at, 'unknown-field', unknownWord(text, gate, vocabulary, words))
}

function unknownWord(
  text: string,
  gate: ReadonlySet<string>,
  vocabulary: Vocabulary,
  words: readonly string[],
): string {
  const group = /^group\.(.+)/.exec(text)?.[1]
  if (group !== undefined && vocabulary.carries(gate, group))
    return `"${text}" is the value of a group, and the rule groups by no "${group}"`
  return unknownField('field', text, gate, vocabulary, words)
}

/** `{{group.user.name}}`: the group's value where the field alone would be every member's. */
function groupWords({ correlation, suppressBy }: Draft): readonly string[] {
  return [...(correlation?.groupBy ?? []), ...suppressBy].map((field) => `group.${field.text}`)
}

/** What a correlation groups by and counts. */
function keysOf(draft: Draft): readonly Placed[] {
  const { groupBy = [], condition } = draft.correlation ?? {}
  return [...groupBy, ...(condition?.fields ?? [])]
}

/** A field must exist in the base rule's datasets; of a correlation only what it groups by goes on. */
function checkField(field: Placed, draft: Draft, target: Draft, byId: Drafts, vocabulary: Vocabulary): void {
  const resolved = draft.correlation?.aliases.get(field.text)?.get(target.words.id) ?? field
  const { text, at } = resolved
  if (target !== draft && target.correlation !== undefined) {
    const groups = target.correlation.groupBy.map((group) => group.text)
    if (!groups.includes(text))
      draft.problems.error(
        at,
        'unknown-field',
        `${target.words.id} is a correlation and does not group by "${text}"`,
      )
    return
  }
  const gate = datasetsOf(target, byId)
  if (vocabulary.carries(gate, text)) return
  const what = `field of ${target.words.id}`
  const message = unknownField(what, text, gate, vocabulary, vocabulary.fieldNames(gate))
  draft.problems.error(at, 'unknown-field', message)
}

/** The rule's own gate, or the union of its base rules'; empty is every dataset and swallows the others. */
function datasetsOf(draft: Draft, byId: Drafts): ReadonlySet<string> {
  const bases = basesOf(draft)
  if (bases.length === 0) return draft.gate
  const gates = bases.map((base) => datasetsOf(byId.get(base.text)!, byId))
  return gates.some((gate) => gate.size === 0) ? new Set() : new Set(gates.flatMap((gate) => [...gate]))
}

class Linker {
  readonly #byId: Drafts
  readonly #hashes = new Map<string, string>()

  constructor(byId: Drafts) {
    this.#byId = byId
  }

  rule(id: string): Rule {
    const draft = this.#byId.get(id)!
    const correlation = correlationOf(draft)
    return Object.freeze({
      ...draft.words,
      datasets: datasetsOf(draft, this.#byId),
      ...(draft.conditions && { conditions: draft.conditions }),
      ...(draft.named && { named: draft.named }),
      ...(draft.lists && { lists: draft.lists }),
      ...(correlation && { correlation }),
      ...(draft.suppress && { suppress: draft.suppress }),
      hash: this.#hash(id),
      fields: [...this.#fields(id)].sort(),
    })
  }

  #hash(id: string): string {
    const known = this.#hashes.get(id)
    if (known !== undefined) return known
    const draft = this.#byId.get(id)!
    const bases = basesOf(draft).map((base) => [base.text, this.#hash(base.text)])
    const { conditions, named, suppress } = draft
    const datasets = [...datasetsOf(draft, this.#byId)].sort()
    const correlation = correlationOf(draft)
    // A store keeps state by hash. A rule that correlates its own matches has its id in its correlation; two others
    // may be alike to the letter.
    const own = conditions === undefined ? id : undefined
    const hash = sha256(canonical({ conditions, named, datasets, correlation, suppress, bases, own }))
    this.#hashes.set(id, hash)
    return hash
  }

  /** Own fields, and those that every correlation over the rule needs of it. */
  #fields(id: string): ReadonlySet<string> {
    const draft = this.#byId.get(id)!
    const fields = new Set(
      [...keysOf(draft), ...draft.suppressBy, ...draft.templateFields].map((each) => each.text),
    )
    for (const name of [...(draft.correlation?.aliases.keys() ?? []), ...groupWords(draft)])
      fields.delete(name)
    for (const over of this.#byId.values()) {
      if (!basesOf(over).some((base) => base.text === id)) continue
      for (const field of this.#fields(over.words.id)) fields.add(field)
      for (const alias of over.correlation!.aliases.values()) fields.add(alias.get(id)!.text)
    }
    return fields
  }
}

/** The correlation as written, or the one that `suppress` stands for on a rule without. */
function correlationOf(draft: Draft): Correlation | undefined {
  if (draft.correlation !== undefined) return written(draft.correlation, draft.words.id)
  if (draft.suppress === undefined) return undefined
  return {
    type: 'event_count',
    rules: [draft.words.id],
    groupBy: draft.suppress.by ?? [],
    timespanMs: draft.suppress.forMs,
    condition: { gte: 1 },
    aliases: {},
  }
}

function written(correlation: DraftCorrelation, id: string): Correlation {
  const { type, rules, groupBy, timespanMs, condition, learnMs, aliases } = correlation
  const { fields, ...bounds } = condition
  const [field, ...more] = fields.map((each) => each.text)
  return {
    type,
    rules: rules.length === 0 ? [id] : rules.map((rule) => rule.text),
    groupBy: groupBy.map((group) => group.text),
    timespanMs,
    condition: {
      ...(field !== undefined && { field: more.length === 0 ? field : [field, ...more] }),
      ...bounds,
    },
    ...(learnMs !== undefined && { learnMs }),
    aliases: Object.fromEntries(
      [...aliases].map(([alias, fields]) => [
        alias,
        Object.fromEntries([...fields].map(([rule, placed]) => [rule, placed.text])),
      ]),
    ),
  }
}
