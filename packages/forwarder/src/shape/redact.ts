import { isIP } from 'node:net'
import type { AlertV1 } from '@weir/contract'
import type { Redaction } from './config.ts'
import { valuesAt } from './hidden-values.ts'
import { ADDRESSES, NUMBERS, UNTOUCHED, within } from './paths.ts'
import { replacementOf, replacer } from './replacement.ts'

const GROUP = 'weir.alert.group'

/**
 * The alert with the values at the paths replaced, there and wherever else they occur: in the message, among the
 * related, in the group, in positions. Ports and AS numbers are taken out.
 */
export function redacted(alert: AlertV1, redactions: readonly Redaction[]): AlertV1 {
  const replacements = new Map<string, string>()
  for (const redaction of redactions)
    for (const value of valuesAt(alert, redaction.path))
      if (!replacements.has(value)) replacements.set(value, replacementOf(value, redaction))
  const hide: Hide = { redactions, replacements, replace: replacer(replacements) }
  return hidden(alert, '', hide) as AlertV1
}

interface Hide {
  readonly redactions: readonly Redaction[]
  readonly replacements: ReadonlyMap<string, string>
  readonly replace: (text: string) => string
}

function hidden(value: unknown, place: string, hide: Hide): unknown {
  if (UNTOUCHED.includes(place)) return value
  if (Array.isArray(value))
    return value.map((each) => hidden(each, place, hide)).filter((each) => each !== undefined)
  if (typeof value === 'object' && value !== null) return hiddenMembers(value, place, hide)
  if (typeof value === 'string') return hiddenText(value, place, hide)
  return typeof value === 'number' ? hiddenNumber(value, place, hide) : value
}

function hiddenMembers(object: object, place: string, hide: Hide): object {
  const members = Object.entries(object).flatMap(([name, each]) => {
    const kept = hidden(each, place === '' ? name : `${place}.${name}`, hide)
    return kept === undefined ? [] : [[name, kept]]
  })
  return Object.fromEntries(members)
}

/** The value at a path goes whole, however short it is. */
function hiddenText(text: string, place: string, hide: Hide): string | undefined {
  const whole = isRedacted(place, hide) ? hide.replacements.get(text) : undefined
  const result = whole ?? hide.replace(text)
  return result !== text && ADDRESSES.includes(place) && isIP(result) === 0 ? undefined : result
}

/** An id may be a number, and stand as a text elsewhere. */
function hiddenNumber(number: number, place: string, hide: Hide): number | string | undefined {
  if (NUMBERS.includes(place)) return isRedacted(place, hide) ? undefined : number
  return hide.replacements.get(String(number)) ?? (isRedacted(place, hide) ? undefined : number)
}

/** A group's members are named like the fields that they hold. */
function isRedacted(place: string, { redactions }: Hide): boolean {
  const field = place.startsWith(`${GROUP}.`) ? place.slice(GROUP.length + 1) : place
  return redactions.some(({ path }) => within(place, path) || within(field, path))
}
