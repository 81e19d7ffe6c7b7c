import { type Rule, renderMessage } from '@weir/engine'
import type {
  Alert,
  AlertEvent,
  FieldValue,
  Finding,
  JsonObject,
  JsonValue,
  Match,
  Severity,
} from '@weir/model'
import { threatOf } from './attack.ts'
import { durationText } from './duration-text.ts'

/** The release of ECS that alerts are written in. */
export const ECS_VERSION = '8.17.0'

/** `event.severity`, 0 to 10 as CEF counts, by severity. */
export const SEVERITY_NUMBER: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 3,
  medium: 5,
  high: 8,
  critical: 10,
}

/** A finding as the analyst sees it: one ECS document. `created` is the wall clock, epoch milliseconds. */
export function alertOf(finding: Finding, rule: Rule, version: string, created: number): Alert {
  const values = valuesOf(finding.members)
  const last = isoOf(finding.last)
  return {
    '@timestamp': last,
    ecs: { version: ECS_VERSION },
    message: messageOf(finding, rule, values),
    event: {
      kind: 'alert',
      id: finding.id,
      dataset: 'weir.alert',
      module: 'weir',
      provider: only(values, 'event.provider') ?? 'weir',
      severity: SEVERITY_NUMBER[rule.severity],
      ...optional('category', listed(values, 'event.category')),
      ...optional('type', listed(values, 'event.type')),
      ...optional('action', only(values, 'event.action')),
      ...optional('outcome', only(values, 'event.outcome')),
      created: isoOf(created),
      start: isoOf(finding.first),
      end: last,
    },
    rule: ruleOf(rule),
    ...optional('threat', threatOf(rule.event.type, rule.attack)),
    ...optional('related', relatedOf(values)),
    ...optional('source', nested(values, 'source', ['ip', 'port', 'geo.country_iso_code', 'as.number'])),
    ...optional('destination', nested(values, 'destination', ['ip', 'port'])),
    ...optional('user', nested(values, 'user', ['name', 'id', 'email', 'target.name'])),
    ...optional('cloud', nested(values, 'cloud', ['provider', 'account.id', 'region', 'service.name'])),
    ...optional('user_agent', nested(values, 'user_agent', ['original'])),
    tags: [rule.event.type, ...rule.tags],
    observer: { vendor: 'Weir', product: 'Weir', version },
    weir: { alert: weirOf(finding, rule) },
  }
}

function ruleOf(rule: Rule): Alert['rule'] {
  return {
    id: rule.id,
    name: rule.name,
    category: rule.event.type,
    version: rule.hash.slice(0, 12),
    ...optional('description', rule.description),
    ...optional('reference', rule.runbook ?? rule.references[0]),
  }
}

function weirOf(finding: Finding, rule: Rule): Alert['weir']['alert'] {
  return {
    id: finding.id,
    revision: finding.revision,
    kind: 'detection',
    status: finding.status,
    severity: rule.severity,
    count: finding.count,
    first: isoOf(finding.first),
    last: isoOf(finding.last),
    group: finding.group as JsonObject,
    events: finding.members.map(eventOf),
    late_by_ms: Math.max(0, ...finding.members.map((member) => member.lateMs)),
    ...optional('merged_into', finding.mergedInto),
  }
}

function eventOf(match: Match): AlertEvent {
  return { id: match.eventId, dataset: match.dataset, time: isoOf(match.time), position: match.position }
}

type Values = ReadonlyMap<string, readonly (string | number | boolean)[]>

/** Distinct values of every field over the members that are listed, in their order. */
function valuesOf(members: readonly Match[]): Values {
  const values = new Map<string, Set<string | number | boolean>>()
  for (const { fields } of members) {
    for (const [name, value] of Object.entries(fields)) {
      const set = values.get(name) ?? new Set()
      for (const each of scalars(value)) set.add(each)
      values.set(name, set)
    }
  }
  return new Map([...values].map(([name, set]) => [name, [...set]]))
}

function scalars(value: FieldValue): readonly (string | number | boolean)[] {
  if (value === undefined || value === null) return []
  return typeof value === 'object' ? value : [value]
}

function messageOf(finding: Finding, rule: Rule, values: Values): string {
  const template = rule.event.params['message']
  if (typeof template !== 'string') return rule.name
  const fields = Object.fromEntries(
    [...values].map(([name, list]) => [name, list.length > 3 ? `${list.length} values` : list.join(', ')]),
  )
  return renderMessage(template, {
    ...fields,
    ...prefixed('group.', finding.group),
    ...finding.group,
    count: finding.count,
    distinct: finding.distinct,
    value: finding.value,
    first: isoOf(finding.first),
    last: isoOf(finding.last),
    duration: durationText(finding.last - finding.first),
    severity: rule.severity,
    'rule.id': rule.id,
    'rule.name': rule.name,
  })
}

function prefixed(prefix: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]))
}

/** The one value of a field, when the members agree on it. */
function only(values: Values, name: string): string | undefined {
  const list = values.get(name)
  return list?.length === 1 ? String(list[0]) : undefined
}

function listed(values: Values, name: string): string[] | undefined {
  const list = values.get(name)
  return list === undefined || list.length === 0 ? undefined : list.map(String)
}

/** ECS object of one root: a field is there when the members agree on its value. */
function nested(values: Values, root: string, names: readonly string[]): JsonObject | undefined {
  const object: JsonObject = {}
  for (const name of names) {
    const list = values.get(`${root}.${name}`)
    if (list?.length === 1) put(object, name.split('.'), list[0]!)
  }
  return Object.keys(object).length === 0 ? undefined : object
}

function put(object: JsonObject, path: readonly string[], value: JsonValue): void {
  const [head, ...rest] = path as [string, ...string[]]
  if (rest.length === 0) {
    object[head] = value
    return
  }
  object[head] ??= {}
  put(object[head] as JsonObject, rest, value)
}

function relatedOf(values: Values): JsonObject | undefined {
  const of = (...names: string[]): string[] => [
    ...new Set(names.flatMap((name) => listed(values, name) ?? [])),
  ]
  const related = {
    ip: of('source.ip', 'destination.ip'),
    user: of('user.name', 'user.email', 'user.id', 'user.target.name'),
    hosts: of('host.name'),
  }
  const present = Object.entries(related).filter(([, list]) => list.length > 0)
  return present.length === 0 ? undefined : Object.fromEntries(present)
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}

function isoOf(time: number): string {
  return new Date(time).toISOString()
}
