import type { Dataset, Event, Field, FieldValue, JsonObject } from '@weir/model'
import type { TopLevelCondition } from 'json-rules-engine'
import { createMatcher, createReferenceMatcher, type Matcher, type Rule, type RuleSet } from '../src/index.ts'
import { watchlistOf } from '../src/rule/watchlist.ts'

/** A dataset whose fields are read from members of the record, by name. */
function datasetOf(name: string, fields: Readonly<Record<string, string>>, folded: string[] = []): Dataset {
  const rows = Object.entries(fields).map(([field, key]): [string, Field] => {
    const from = (record: JsonObject) => (Object.hasOwn(record, key) ? record[key] : undefined)
    const of = (value: unknown) => (folded.includes(field) && value === 'Foo' ? 'foo' : (value as FieldValue))
    // Of the record's member by its name, of some value, and of nobody knows what.
    const made = { made: { ...(key !== 'tags' && { path: [key] }), from, of } }
    const read = (record: JsonObject) => of(from(record))
    return [field, { name: field, from: key, folded: folded.includes(field), read, ...(key !== 'n' && made) }]
  })
  return {
    name,
    fields: new Map(rows),
    time: () => 0,
    id: () => undefined,
    state: () => '',
    columns: () => [],
    latenessMs: 0,
  }
}

export const SIGNINS = datasetOf(
  'azure.signinlogs',
  {
    'source.ip': 'ip',
    'user.name': 'user',
    'event.outcome': 'outcome',
    'event.action': 'action',
    tags: 'tags',
    n: 'n',
  },
  ['user.name', 'event.action'],
)
export const AUDITS = datasetOf('azure.auditlogs', { 'event.action': 'action', 'user.name': 'user' }, [
  'user.name',
])
export const DATASETS = new Map([SIGNINS, AUDITS].map((dataset) => [dataset.name, dataset]))

export function eventOf(record: JsonObject, dataset: Dataset = SIGNINS): Event {
  const origin = { source: 's', partition: '0', at: '0', arrival: 0, bytesOf: () => new Uint8Array() }
  return { dataset, record, time: Date.UTC(2026, 0, 2, 3, 4, 5), origin, index: 0, part: 0 }
}

/** What conditions may name, by name. */
export interface Names {
  readonly named?: Readonly<Record<string, unknown>>
  readonly lists?: Readonly<Record<string, readonly string[]>>
}

/** A rule made past the loader: also what the loader would refuse must mean the same on both ways. */
export function ruleOf(
  id: string,
  conditions: unknown,
  datasets: readonly string[] = [],
  { named = {}, lists = {} }: Names = {},
): Rule {
  return {
    named: new Map(Object.entries(named as Record<string, TopLevelCondition>)),
    lists: new Map(
      Object.entries(lists).map(([name, entries]) => [name, watchlistOf(name, { entries, fold: false })]),
    ),
    id,
    name: id,
    severity: 'low',
    attack: [],
    tags: [],
    datasets: new Set(datasets),
    conditions: conditions as TopLevelCondition,
    alert: true,
    mode: 'live',
    event: { type: 't', params: {} },
    falsePositives: [],
    references: [],
    hash: id,
    fields: [],
    file: `${id}.json`,
  }
}

export function ruleSetOf(rules: readonly Rule[]): RuleSet {
  return { rules, byId: new Map(rules.map((rule) => [rule.id, rule])), problems: [], hash: '' }
}

export const MATCHERS: readonly (readonly [string, (set: RuleSet) => Matcher])[] = [
  ['compiled', (set) => createMatcher(set, DATASETS)],
  ['reference', (set) => createReferenceMatcher(set, DATASETS)],
]

/** Which of the records meet the conditions, by place, and how many evaluations threw. */
export async function metBy(
  create: (set: RuleSet) => Matcher,
  conditions: unknown,
  records: readonly JsonObject[],
  names: Names = {},
): Promise<{ readonly met: readonly boolean[]; readonly errors: number }> {
  const matcher = create(ruleSetOf([ruleOf('r', conditions, [], names)]))
  const events = records.map((record) => eventOf(record))
  const hits = new Set((await matcher.match(events)).map((hit) => hit.event))
  return { met: events.map((event) => hits.has(event)), errors: matcher.takeErrors().get('r') ?? 0 }
}
