import type { Vocabulary } from '../rule/vocabulary.ts'
import { asked, askedField, type Site } from './ask.ts'
import { allOf, anyOf, type Conditions, type Leaf, leavesOf, notOf } from './conditions.ts'
import type { Detection } from './document.ts'
import { type MappedValue, type Place, placeOf } from './field-map.ts'
import type { Fields } from './field-maps.ts'
import { type Item, itemOf, nameOf, type SigmaValue } from './item.ts'
import { modified } from './modifiers.ts'
import { Refused } from './refusal.ts'
import { type Logic, resolved } from './resolve-condition.ts'
import { ANY, coreOf, joined, literalOf, withCore } from './sigma-string.ts'

/** What a detection became, and which places each of its fields is looked for at. */
export interface Translated {
  readonly conditions: Conditions
  readonly reads: ReadonlyMap<string, readonly Leaf[]>
}

/** A rule with more single conditions is refused. */
const leavesMax = 5_000

/** Turns a detection into conditions over Weir's events. Throws `Refused`; a part of a rule is never left out. */
export function translate(detection: Detection, fields: Fields, vocabulary: Vocabulary): Translated {
  const translator = new Translator(fields, vocabulary)
  const { searches, condition } = detection
  const logic = resolved(condition, [...searches.keys()], (name) =>
    translator.search(name, searches.get(name)),
  )
  const conditions = conditionsOf(logic)
  if (leavesOf(conditions).length > leavesMax)
    throw new Refused('size', `the rule has more than ${leavesMax} conditions`)
  return { conditions, reads: translator.reads }
}

function conditionsOf(logic: Logic<Conditions>): Conditions {
  if (logic.kind === 'leaf') return logic.leaf
  if (logic.kind === 'not') return notOf(conditionsOf(logic.inner))
  return logic.kind === 'and' ? allOf(logic.inner.map(conditionsOf)) : anyOf(logic.inner.map(conditionsOf))
}

class Translator {
  readonly reads = new Map<string, Leaf[]>()
  readonly #fields: Fields
  readonly #vocabulary: Vocabulary

  constructor(fields: Fields, vocabulary: Vocabulary) {
    this.#fields = fields
    this.#vocabulary = vocabulary
  }

  /** A search identifier: a map, or a list of maps and keywords, or one keyword. */
  search(name: string, written: unknown): Logic<Conditions> {
    return { kind: 'leaf', leaf: this.#search(name, written) }
  }

  #search(name: string, written: unknown): Conditions {
    if (written instanceof Map) return this.#map(name, written)
    if (!Array.isArray(written)) return this.#item(undefined, [], written)
    if (written.length === 0) throw new Refused('detection', `the search identifier "${name}" is empty`)
    const keywords = written.filter((each) => !(each instanceof Map))
    const maps = written.filter((each) => each instanceof Map).map((each) => this.#map(name, each))
    return anyOf(keywords.length === 0 ? maps : [...maps, this.#item(undefined, [], keywords)])
  }

  #map(name: string, map: ReadonlyMap<unknown, unknown>): Conditions {
    if (map.size === 0) throw new Refused('detection', `the search identifier "${name}" holds an empty map`)
    return allOf(
      [...map].map(([key, value]) => {
        const [field, ...modifiers] = String(key).split('|')
        return this.#item(field === '' ? undefined : field, modifiers, value)
      }),
    )
  }

  #item(field: string | undefined, modifiers: readonly string[], written: unknown): Conditions {
    const item = modified(itemOf(field, written), modifiers, this.#fields.placeholders)
    const each =
      field === undefined
        ? (values: readonly SigmaValue[]) => keywords(values, item)
        : this.#asking(field, item)
    const conditions =
      item.link === 'all'
        ? allOf(item.values.map((values) => anyOf(each(values))))
        : anyOf(each(item.values.flat()))
    return item.negated ? notOf(conditions) : conditions
  }

  /** Asks for a field at every place where it may stand. */
  #asking(field: string, item: Item): (values: readonly SigmaValue[]) => readonly Conditions[] {
    const sites = this.#fields.placesOf(field).map((place) => this.#siteOf(place))
    return (values) => {
      const conditions = absent(values)
        ? [allOf(sites.flatMap((site) => asked(site, values, item)))]
        : sites.flatMap((site) => this.#atSite(site, values, item))
      const leaves = conditions.flatMap(leavesOf)
      this.reads.set(field, [...(this.reads.get(field) ?? []), ...leaves])
      return conditions
    }
  }

  #atSite(site: Site, values: readonly SigmaValue[], item: Item): readonly Conditions[] {
    const references = values.filter((value) => value.kind === 'field')
    const { whole, rest } = mappedValues(
      site,
      values.filter((value) => value.kind !== 'field'),
    )
    return [
      ...whole,
      ...asked(site, rest, item),
      ...references.flatMap((value) => this.#reference(site, value, item)),
    ]
  }

  #reference(
    site: Site,
    { field, operator }: SigmaValue & { kind: 'field' },
    item: Item,
  ): readonly Conditions[] {
    return this.#fields.placesOf(field).map((place) => askedField(site, this.#siteOf(place), operator, item))
  }

  #siteOf(place: Place): Site {
    const folded =
      place.fact !== undefined && this.#vocabulary.isFolded(new Set(this.#fields.datasets), place.fact)
    return { ...place, folded }
  }
}

/** Absence is told only where the field stands at none of its places. */
function absent(values: readonly SigmaValue[]): boolean {
  return (
    values.length === 1 &&
    (values[0]!.kind === 'null' || (values[0]!.kind === 'presence' && !values[0]!.there))
  )
}

const EVERYWHERE: Site = { ...placeOf({ path: '$', within: true }), folded: false }

/** Keywords are searched in every text of the record. */
function keywords(values: readonly SigmaValue[], item: Item): readonly Conditions[] {
  return asked(
    EVERYWHERE,
    values.map((value) => keyword(value, item)),
    item,
  )
}

function keyword(value: SigmaValue, item: Item): SigmaValue {
  if (value.kind === 'regex' || value.kind === 'network') return value
  const pattern =
    value.kind === 'text' ? value.pattern : value.kind === 'scalar' ? [String(value.scalar)] : undefined
  if (pattern === undefined || item.part !== undefined)
    throw new Refused('modifier', `${nameOf(undefined)} must be text: what else is asked needs a field`)
  if (value.kind === 'text' && literalOf(pattern) === '')
    throw new Refused('detection', 'an empty keyword is in every event')
  return { kind: 'text', pattern: item.anchored ? pattern : joined([ANY], pattern, [ANY]) }
}

/** Values in the provider's words, within the wildcards that stood around them; whole conditions apart. */
function mappedValues(
  site: Site,
  values: readonly SigmaValue[],
): { readonly whole: Conditions[]; readonly rest: SigmaValue[] } {
  const whole: Conditions[] = []
  const rest: SigmaValue[] = []
  for (const value of values) {
    const mapped = site.values.get(wordOf(value)?.toLowerCase() ?? '')
    if (mapped === undefined) rest.push(value)
    for (const each of mapped ?? []) {
      if (typeof each === 'object') whole.push(each)
      else rest.push(inPlace(value, each))
    }
  }
  return { whole, rest }
}

function wordOf(value: SigmaValue): string | undefined {
  if (value.kind === 'scalar') return String(value.scalar)
  return value.kind === 'text' ? literalOf(coreOf(value.pattern)) : undefined
}

function inPlace(value: SigmaValue, mapped: Exclude<MappedValue, Conditions>): SigmaValue {
  if (value.kind === 'text') return { kind: 'text', pattern: withCore(value.pattern, [String(mapped)]) }
  return typeof mapped === 'string' ? { kind: 'text', pattern: [mapped] } : { kind: 'scalar', scalar: mapped }
}
