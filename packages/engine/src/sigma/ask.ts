import { cidrTest } from '../rule/cidr.ts'
import { folded, foldedPart } from '../rule/folded.ts'
import { regexTest } from '../rule/regex.ts'
import { wildcardTest } from '../rule/wildcard.ts'
import { allOf, anyOf, type Conditions, notOf } from './conditions.ts'
import type { Place } from './field-map.ts'
import { type Item, nameOf, type SigmaValue } from './item.ts'
import { Refused } from './refusal.ts'
import { type Form, formOf, mapTexts, type Pattern } from './sigma-string.ts'

/** A place as questions are put to it. */
export interface Site extends Place {
  /** `fact` is kept folded wherever events of the log source have it. */
  readonly folded: boolean
}

type Scalar = string | number | boolean

/** Conditions of which each is true where the place holds one of the values; `item` says how to compare. */
export function asked(site: Site, values: readonly SigmaValue[], item: Item): readonly Conditions[] {
  const equal: Scalar[] = []
  const others: Conditions[] = []
  for (const value of values) {
    const form = value.kind === 'text' ? formOf(value.pattern) : undefined
    if (form?.kind === 'equal' && form.text !== '') equal.push(form.text)
    else if (value.kind === 'scalar') equal.push(value.scalar)
    else others.push(askedOne(site, value, form, item))
  }
  return equal.length === 0 ? others : [equalTo(site, equal, item), ...others]
}

function askedOne(site: Site, value: SigmaValue, form: Form | undefined, item: Item): Conditions {
  switch (value.kind) {
    case 'text':
      return texts(site, value.pattern, form!, item)
    case 'null':
      return leaf(exact(site), 'exists', false)
    case 'presence':
      return value.there ? present(exact(site)) : notOf(present(exact(site)))
    case 'regex':
      return leaf(exactText(site, item), 'text:matches', checkedRegex(value, item))
    case 'network':
      return leaf(site, 'cidr', checkedNetwork(value.network, item))
    case 'ordered':
      return leaf(site, `${item.part ?? 'number'}:${value.operator}`, value.limit)
    case 'field':
    case 'bytes':
    case 'scalar':
      throw new Error(`${value.kind} is asked elsewhere`)
    default:
      return value satisfies never
  }
}

/** Exact values in one look. Where the record may write a number as text, or text as a number, both count. */
function equalTo(site: Site, values: readonly Scalar[], item: Item): Conditions {
  if (item.part !== undefined) return among(site, `${item.part}:`, values)
  if (useFolded(site, item))
    return among(
      site,
      '',
      values.map((value) => folded(String(value))),
    )
  const place = item.cased ? exactText(site, item) : site
  const spelled = item.cased
    ? values
    : values.map((value) => (typeof value === 'string' ? value.toLowerCase() : value))
  const twins = place.within ? spelled.map(String) : spelled.flatMap(twinsOf)
  const fold = !item.cased && twins.some((value) => typeof value === 'string' && hasCase(value))
  return among(place, fold ? 'fold:' : '', twins)
}

function among(site: Site, decorators: string, values: readonly Scalar[]): Conditions {
  const distinct = [...new Set(values)]
  return distinct.length === 1
    ? leaf(site, `${decorators}equal`, distinct[0]!)
    : leaf(site, `${decorators}in`, distinct)
}

/** A value, and the one of another type that reads the same. */
function twinsOf(value: Scalar): readonly Scalar[] {
  if (typeof value !== 'string') return [value, String(value)]
  if (value === 'true' || value === 'false') return [value, value === 'true']
  const number = Number(value)
  return value !== '' && String(number) === value && Number.isFinite(number) ? [value, number] : [value]
}

function hasCase(text: string): boolean {
  return text.toLowerCase() !== text.toUpperCase()
}

function texts(site: Site, pattern: Pattern, form: Form, item: Item): Conditions {
  if (form.kind === 'anything')
    return site.within && site.path === '$' ? leaf(site, 'wildcard', '*') : leaf(exact(site), 'exists', true)
  if (form.kind === 'equal') return leaf(whole(site, item), 'equal', '')
  if (useFolded(site, item)) return foldedTexts(site, mapTexts(pattern, foldedPart))
  const place = item.cased ? exactText(site, item) : site
  const text = item.cased ? form.text : form.text.toLowerCase()
  const fold = !item.cased && hasCase(text) ? 'fold:' : ''
  return leaf(place, `${!place.within && mayBeNumber(form) ? 'text:' : ''}${fold}${form.kind}`, text)
}

/** Only a piece of a number's or boolean's text can be met by one: other pieces spare the question. */
function mayBeNumber(form: Form): boolean {
  if (/^[-+.\deE*?]*$/.test(form.text)) return true
  const pattern = form.kind === 'wildcard' ? form.text : `*${form.text}*`
  const fits = wildcardTest(pattern.toLowerCase())
  return fits('true') || fits('false')
}

/** A folded text has lost the full stops and spaces at its end: a piece that ends with some may be the end itself. */
function foldedTexts(site: Site, pattern: Pattern): Conditions {
  const { kind, text } = formOf(pattern)
  const bare = text.replace(/[. ]+$/, '')
  if (kind === 'endsWith') return leaf(site, kind, bare)
  if (bare === text || kind === 'anything') return leaf(site, kind, text)
  if (kind === 'wildcard') return anyOf([leaf(site, kind, text), leaf(site, kind, bare)])
  return anyOf([leaf(site, kind, text), leaf(site, kind === 'containsText' ? 'endsWith' : 'equal', bare)])
}

function useFolded(site: Site, item: Item): boolean {
  return site.fact !== undefined && site.folded && !item.cased
}

/** The place in the record, where there is one: it tells more exactly what is there than a field made of it. */
function exact(site: Site): Site {
  if (site.path === undefined || site.fact === undefined) return site
  const { fact: _, ...place } = site
  return place
}

/** For questions of case, which a folded field cannot answer. */
function exactText(site: Site, item: Item): Site {
  const place = exact(site)
  return place.fact !== undefined && place.folded ? inexact(place.fact, 'case', item) : place
}

/** For emptiness: an ECS field is never empty, it is not there then. */
function whole(site: Site, item: Item): Site {
  const place = exact(site)
  return place.fact === undefined ? place : inexact(place.fact, 'emptiness', item)
}

function inexact(fact: string, what: string, { field }: Item): never {
  throw new Refused(
    'inexact-field',
    `${nameOf(field)} stands in ${fact}, which does not keep ${what}: give its path`,
  )
}

function present(site: Site): Conditions {
  const there = leaf(site, 'exists', true)
  return site.fact !== undefined ? there : anyOf([there, leaf(site, 'equal', null)])
}

function checkedRegex(value: SigmaValue & { kind: 'regex' }, item: Item): string {
  const source = value.flags === '' ? value.source : `(?${[...new Set(value.flags)].join('')})${value.source}`
  try {
    regexTest(source)
  } catch (error) {
    throw new Refused(
      'value',
      `the pattern of ${nameOf(item.field)} cannot be read: ${(error as Error).message}`,
    )
  }
  return source
}

function checkedNetwork(network: string, item: Item): string {
  try {
    cidrTest(network)
  } catch (error) {
    throw new Refused('value', `${nameOf(item.field)}: ${(error as Error).message}`)
  }
  return network
}

/** One question; a place that may hold a list or object is asked of every text within. */
function leaf(site: Place, operator: string, value: unknown): Conditions {
  const place = site.fact === undefined ? { fact: 'record', path: site.path! } : { fact: site.fact }
  const within = site.within && operator !== 'exists' && value !== null
  return { ...place, operator: within ? `anyText:${operator.replace(/^text:/, '')}` : operator, value }
}

/** True where the field holds what the other field does, in the way that the operator compares. */
export function askedField(site: Site, other: Site, operator: string, item: Item): Conditions {
  const both = [exact(site), exact(other)].map(({ fact, path }) => ({
    fact: fact ?? 'record',
    ...(fact === undefined && { path: path! }),
  }))
  const [left, right] = both as [{ fact: string; path?: string }, { fact: string; path?: string }]
  const compare = { ...left, operator: `text:${item.cased ? '' : 'fold:'}${operator}`, value: right }
  // Two fields that are both missing are not the same value.
  return allOf([{ ...left, operator: 'exists', value: true }, compare])
}
