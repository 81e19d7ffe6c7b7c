import { nearest } from '../rule/nearest.ts'
import { TIME_PARTS } from '../rule/time-part.ts'
import { base64, base64Offsets, textOfBytes, utf16 } from './encodings.ts'
import {
  type Item,
  nameOf,
  type OrderOperator,
  type SigmaValue,
  type TextOperator,
  type TimePart,
} from './item.ts'
import { expanded, type Placeholders } from './placeholders.ts'
import { Refused } from './refusal.ts'
import { ANY, formOf, joined, literalOf, type Pattern, type Token } from './sigma-string.ts'

/** Does what one modifier says; throws `Refused` where it does not go with the item. */
type Modifier = (item: Item, placeholders: Placeholders) => Item

/** The item after its modifiers, applied from left to right. Throws `Refused` for one that is unknown. */
export function modified(item: Item, names: readonly string[], placeholders: Placeholders): Item {
  const last = names.reduce((each, name) => {
    const modifier = MODIFIERS.get(name)
    if (modifier === undefined)
      throw new Refused('modifier', `${nameOf(item.field)} has the ${unknownModifier(name)}`)
    return modifier(each, placeholders)
  }, item)
  return { ...last, values: last.values.map((alternatives) => alternatives.map(settled)) }
}

function unknownModifier(name: string): string {
  const near = nearest(name, MODIFIERS.keys())
  return `unknown modifier "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`
}

/** Bytes that were not encoded further stand in a text one by one. */
function settled(value: SigmaValue): SigmaValue {
  return value.kind === 'bytes' ? { kind: 'text', pattern: [textOfBytes(value.bytes)] } : value
}

/** Changes every value; one that gives several gives alternatives. */
function each(change: (value: SigmaValue, item: Item) => SigmaValue | readonly SigmaValue[]): Modifier {
  return (item) => ({
    ...item,
    values: item.values.map((alternatives) => alternatives.flatMap((value) => change(value, item))),
  })
}

function misfit(name: string, item: Item, needs: string): Refused {
  return new Refused('modifier', `"${name}" on ${nameOf(item.field)} needs ${needs}`)
}

/** Puts wildcards around a text; a regular expression gets anchors, a field reference another comparison. */
function placed(name: string, operator: TextOperator): Modifier {
  const place = each((value, item) => {
    if (value.kind === 'field') return { ...value, operator }
    if (value.kind === 'regex') return { ...value, source: anchors(operator, value.source) }
    const pattern = value.kind === 'scalar' ? [String(value.scalar)] : patternIn(value)
    if (pattern === undefined) throw misfit(name, item, 'a text')
    const before: Pattern = operator === 'startsWith' ? [] : [ANY]
    return { kind: 'text', pattern: joined(before, pattern, operator === 'endsWith' ? [] : [ANY]) }
  })
  return (item, placeholders) => ({ ...place(item, placeholders), anchored: true })
}

function anchors(operator: TextOperator, source: string): string {
  if (operator === 'containsText') return source
  return operator === 'startsWith' ? `^(?:${source})` : `(?:${source})$`
}

function patternIn(value: SigmaValue): Pattern | undefined {
  const text = settled(value)
  return text.kind === 'text' ? text.pattern : undefined
}

/** What an encoding works on: a text without wildcards, or the bytes of the encoding before. */
function encoded(name: string, encode: (bytes: Uint8Array) => SigmaValue | readonly SigmaValue[]): Modifier {
  return each((value, item) => {
    if (value.kind === 'bytes') return encode(value.bytes)
    return encode(new TextEncoder().encode(plainText(name, value, item)))
  })
}

function plainText(name: string, value: SigmaValue, item: Item): string {
  const text = value.kind === 'text' ? literalOf(value.pattern) : undefined
  if (text === undefined)
    throw misfit(name, item, 'a text without wildcards: put it before contains and its like')
  return text
}

function widened(name: string, form: 'le' | 'be' | 'bom'): Modifier {
  return each((value, item) => ({ kind: 'bytes', bytes: utf16(plainText(name, value, item), form) }))
}

function flag(name: string): Modifier {
  return each((value, item) => {
    if (value.kind !== 'regex') throw misfit(name, item, '"re" before it')
    return { ...value, flags: value.flags + name }
  })
}

const regex = each((value, item) => {
  if (value.kind !== 'text' || value.raw === undefined)
    throw misfit('re', item, 'a text that nothing has changed')
  return { kind: 'regex', source: value.raw, flags: '' }
})

function ordered(name: string, operator: OrderOperator): Modifier {
  return each((value, item) => {
    if (value.kind !== 'scalar' || typeof value.scalar !== 'number') throw misfit(name, item, 'a number')
    return { kind: 'ordered', operator, limit: value.scalar }
  })
}

function partOf(part: TimePart): Modifier {
  const { min, max } = TIME_PARTS.find(({ name }) => name === part)!
  const fits = (value: SigmaValue) =>
    value.kind === 'scalar' && Number.isInteger(value.scalar) && isWithin(Number(value.scalar), min, max)
  return (item) => {
    if (item.part !== undefined)
      throw new Refused('modifier', `${nameOf(item.field)} asks for two parts of a time`)
    if (!item.values.flat().every(fits)) throw misfit(part, item, `a whole number from ${min} to ${max}`)
    return { ...item, part }
  }
}

function isWithin(number: number, min: number, max: number): boolean {
  return number >= min && number <= max
}

function all(item: Item): Item {
  if (item.values.length < 2) throw misfit('all', item, 'more than one value')
  return { ...item, link: 'all' }
}

const YES = ['true', 'yes']
const NO = ['false', 'no']

const exists = each((value, item) => {
  const word = value.kind === 'text' ? value.raw?.toLowerCase() : undefined
  const there =
    value.kind === 'scalar' ? value.scalar : YES.includes(word ?? '') || (NO.includes(word ?? '') ? false : 0)
  if (typeof there !== 'boolean' || item.values.length > 1) throw misfit('exists', item, 'true or false')
  return { kind: 'presence', there }
})

const network = each((value, item) => {
  const text = value.kind === 'text' ? literalOf(value.pattern) : undefined
  if (text === undefined) throw misfit('cidr', item, 'a network')
  return { kind: 'network', network: text }
})

/** `startswith|fieldref` says the same as `fieldref|startswith`. */
const fieldref = each((value, item) => {
  const form = value.kind === 'text' ? formOf(value.pattern) : undefined
  if (form === undefined || form.text === '' || form.kind === 'wildcard' || form.kind === 'anything')
    throw misfit('fieldref', item, 'the name of a field')
  return { kind: 'field', field: form.text, operator: form.kind }
})

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015']

/** More spellings of one value are refused; every dash in it multiplies them by five. */
const spellingsMax = 625

const windash = each((value, item) => {
  if (value.kind !== 'text') throw misfit('windash', item, 'a text')
  let spellings: readonly Pattern[] = [[]]
  for (const choices of value.pattern.flatMap(dashChoices)) {
    spellings = spellings.flatMap((before) => choices.map((token) => joined(before, [token])))
    if (spellings.length > spellingsMax)
      throw new Refused(
        'size',
        `"windash" on ${nameOf(item.field)} gives more than ${spellingsMax} spellings`,
      )
  }
  return spellings.map((pattern) => ({ kind: 'text', pattern }))
})

/** A token cut at its dashes: what each piece may be. */
function dashChoices(token: Token): readonly (readonly Token[])[] {
  if (typeof token !== 'string') return [[token]]
  return token.split(/([-/\u2013-\u2015])/).map((text, at) => (at % 2 === 0 ? [text] : DASHES))
}

function expand(item: Item, placeholders: Placeholders): Item {
  return each((value) => {
    if (value.kind !== 'text') throw misfit('expand', item, 'a text')
    return expanded(value.pattern, placeholders).map((pattern) => ({ kind: 'text', pattern }))
  })(item, placeholders)
}

const text = (bytes: string): SigmaValue => ({ kind: 'text', pattern: [bytes] })

const MODIFIERS: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['contains', placed('contains', 'containsText')],
  ['startswith', placed('startswith', 'startsWith')],
  ['endswith', placed('endswith', 'endsWith')],
  ['all', all],
  ['exists', exists],
  ['cased', (item) => ({ ...item, cased: true })],
  ['neq', (item) => ({ ...item, negated: true })],
  ['windash', windash],
  ['re', regex],
  ['i', flag('i')],
  ['m', flag('m')],
  ['s', flag('s')],
  ['base64', encoded('base64', (bytes) => text(base64(bytes)))],
  ['base64offset', encoded('base64offset', (bytes) => base64Offsets(bytes).map(text))],
  ['utf16le', widened('utf16le', 'le')],
  ['wide', widened('wide', 'le')],
  ['utf16be', widened('utf16be', 'be')],
  ['utf16', widened('utf16', 'bom')],
  ['lt', ordered('lt', 'lessThan')],
  ['lte', ordered('lte', 'lessThanInclusive')],
  ['gt', ordered('gt', 'greaterThan')],
  ['gte', ordered('gte', 'greaterThanInclusive')],
  ['minute', partOf('minute')],
  ['hour', partOf('hour')],
  ['day', partOf('day')],
  ['week', partOf('week')],
  ['month', partOf('month')],
  ['year', partOf('year')],
  ['cidr', network],
  ['expand', expand],
  ['fieldref', fieldref],
])
