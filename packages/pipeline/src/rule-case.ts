import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { messageOf, WeirError } from '@weir/runtime'

/** What the author of a rule promises of it: these records, these alerts. */
export interface RuleCase {
  readonly name: string
  /** Records as the provider writes them, in the order in which they come. */
  readonly events: readonly JsonObject[]
  /** How many alerts, or each of them in part. */
  readonly alerts: number | readonly JsonObject[]
}

/** Reads a `<rule>.test.json`. Throws `WeirError` INPUT_UNREADABLE with the case at fault. */
export function readRuleCases(path: string, text: string): readonly RuleCase[] {
  const cases = parsed(path, text)
  if (!Array.isArray(cases)) throw refusal(path, 'a test file holds a list of cases')
  return cases.map((each, index) => caseOf(each, `${path}, case ${index + 1}`))
}

/** A near-miss promises that nothing comes. */
export function isNearMiss({ alerts }: RuleCase): boolean {
  return alerts === 0 || (Array.isArray(alerts) && alerts.length === 0)
}

function parsed(path: string, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    throw refusal(path, messageOf(error))
  }
}

const KEYS = ['name', 'events', 'alerts']

function caseOf(value: JsonValue, where: string): RuleCase {
  if (!isObject(value)) throw refusal(where, 'a case is an object')
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) throw refusal(where, `unknown member "${unknown}"`)
  const { name, events, alerts } = value
  if (typeof name !== 'string' || name.trim() === '') throw refusal(where, 'a case needs a "name"')
  if (!isList(events) || events.length === 0) throw refusal(where, '"events" is a list of records')
  const records = recordsOf(events, where)
  if (isList(alerts)) return { name, events: records, alerts }
  if (typeof alerts === 'number' && Number.isSafeInteger(alerts) && alerts >= 0)
    return { name, events: records, alerts }
  throw refusal(where, '"alerts" is how many, or a list of what each says')
}

/** `{ "like": 0, "but": { … } }` is an earlier record of the case with some members changed. */
function recordsOf(events: readonly JsonObject[], where: string): readonly JsonObject[] {
  const records: JsonObject[] = []
  for (const event of events) {
    const { like, but, ...rest } = event
    if (like === undefined || !isObject(but) || Object.keys(rest).length > 0) records.push(event)
    else {
      const model = typeof like === 'number' ? records[like] : undefined
      if (model === undefined) throw refusal(where, `"like" names no earlier event: ${JSON.stringify(like)}`)
      records.push(mergedRecord(model, but))
    }
  }
  return records
}

/** A record with some members otherwise, objects within it too. */
export function mergedRecord(model: JsonObject, but: JsonObject): JsonObject {
  const result = { ...model }
  for (const [key, value] of Object.entries(but)) {
    const old = model[key]
    result[key] = isObject(old) && isObject(value) ? mergedRecord(old, value) : value
  }
  return result
}

function isList(value: JsonValue | undefined): value is JsonObject[] {
  return Array.isArray(value) && value.every(isObject)
}

function refusal(where: string, why: string): WeirError {
  return new WeirError('INPUT_UNREADABLE', `${where}: ${why}`)
}
