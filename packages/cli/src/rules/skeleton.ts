import type { CorrelationType } from '@weir/engine'
import type { JsonObject } from '@weir/model'
import { mergedRecord } from '@weir/pipeline'
import type { Sample } from './sample.ts'

interface SkeletonFile {
  /** After the rule's id, before `.json`: '' for the rule itself, `.test` for its cases. */
  readonly suffix: string
  readonly content: unknown
}

interface Wanted {
  readonly id: string
  readonly dataset: string
  readonly sample: Sample
  /** What an editor finds the schema by. */
  readonly schema: string
}

/** Gives nothing where the dataset has no number for it. */
type Skeleton = (wanted: Wanted) => readonly SkeletonFile[]

/** The files of a new rule that loads and passes its tests as it stands, by correlation type; '' for none. */
export const SKELETONS: ReadonlyMap<CorrelationType | '', Skeleton> = new Map<CorrelationType | '', Skeleton>(
  [
    ['', plain],
    ['event_count', (wanted) => counting(wanted, 'event_count', { gte: 3 })],
    ['value_count', (wanted) => counting(wanted, 'value_count', { field: wanted.sample.counted, gte: 3 })],
    ['temporal', (wanted) => inSteps(wanted, 'temporal')],
    ['temporal_ordered', (wanted) => inSteps(wanted, 'temporal_ordered')],
    ['value_sum', (wanted) => measuring(wanted, 'value_sum', {})],
    ['value_avg', (wanted) => measuring(wanted, 'value_avg', {})],
    ['value_percentile', (wanted) => measuring(wanted, 'value_percentile', { percentile: 95 })],
    ['new_terms', learning],
    ['absence', missing],
  ],
)

function plain(wanted: Wanted): readonly SkeletonFile[] {
  const { dataset, sample } = wanted
  const rule = {
    dataset: [dataset],
    conditions: hit(sample),
    event: eventOf(`{{${sample.groupBy}}}: {{${sample.fact}}}`),
  }
  return [
    { suffix: '', content: { ...headOf(wanted), ...rule } },
    testFile([
      { name: 'a hit', events: [sample.record], alerts: 1 },
      { name: 'a near-miss', events: [mergedRecord(sample.record, sample.other)], alerts: 0 },
    ]),
  ]
}

function counting(wanted: Wanted, type: CorrelationType, condition: object): readonly SkeletonFile[] {
  const { groupBy, record, second, third } = wanted.sample
  const correlation = { type, 'group-by': [groupBy], timespan: '10m', condition }
  return [
    correlated(wanted, correlation, `{{${groupBy}}}: {{count}} events within ten minutes`),
    testFile([
      { name: 'three within ten minutes', events: [record, like(second), like(third)], alerts: 1 },
      { name: 'two within ten minutes', events: [record, like(second)], alerts: 0 },
    ]),
  ]
}

function measuring(wanted: Wanted, type: CorrelationType, more: object): readonly SkeletonFile[] {
  const { sample } = wanted
  if (sample.measured === undefined) return []
  const { field, much, little } = sample.measured
  const condition = { field, ...more, gte: much }
  const correlation = { type, 'group-by': [sample.groupBy], timespan: '10m', condition }
  return [
    correlated(wanted, correlation, `{{${sample.groupBy}}}: much in {{count}} events`),
    testFile([
      { name: 'much within ten minutes', events: [sample.record], alerts: 1 },
      { name: 'little within ten minutes', events: [mergedRecord(sample.record, little)], alerts: 0 },
    ]),
  ]
}

/** The time to learn ends between the second record and the third; a real one would be days. */
function learning(wanted: Wanted): readonly SkeletonFile[] {
  const { sample } = wanted
  const { groupBy, counted, record, second, third } = sample
  const correlation = {
    type: 'new_terms',
    'group-by': [groupBy],
    field: counted,
    timespan: '30d',
    learn: '90s',
  }
  return [
    correlated(wanted, correlation, `{{${groupBy}}}: {{${counted}}} for the first time in 30 days`),
    testFile([
      { name: 'new after it has learned', events: [record, like(second), like(third)], alerts: 1 },
      { name: 'new while it learns', events: [record, like(second)], alerts: 0 },
    ]),
  ]
}

function correlated(wanted: Wanted, correlation: object, message: string): SkeletonFile {
  const { dataset, sample } = wanted
  const rule = { dataset: [dataset], conditions: hit(sample), correlation, event: eventOf(message) }
  return { suffix: '', content: { ...headOf(wanted), ...rule } }
}

function inSteps(wanted: Wanted, type: CorrelationType): readonly SkeletonFile[] {
  const { record, second, other } = wanted.sample
  return [
    ...overTwo(wanted, type, 'one and then the other within the hour'),
    testFile([
      { name: 'one, then the other', events: [record, like(other)], alerts: 1 },
      { name: 'only the one', events: [record, like(second)], alerts: 0 },
    ]),
  ]
}

function missing(wanted: Wanted): readonly SkeletonFile[] {
  const { record, other } = wanted.sample
  return [
    ...overTwo(wanted, 'absence', 'the one, and the other did not follow within the hour'),
    testFile([
      { name: 'only the one', events: [record], alerts: 1 },
      { name: 'one, then the other', events: [record, like(other)], alerts: 0 },
    ]),
  ]
}

/** Two base rules of one dataset, and the rule over them. */
function overTwo(wanted: Wanted, type: CorrelationType, words: string): readonly SkeletonFile[] {
  const { id, sample } = wanted
  const rules = [`${id}.first`, `${id}.second`]
  const correlation = { type, rules, 'group-by': [sample.groupBy], timespan: '1h' }
  const event = eventOf(`{{${sample.groupBy}}}: ${words}`)
  return [
    { suffix: '', content: { ...headOf(wanted), correlation, event } },
    { suffix: '.first', content: base(wanted, rules[0]!, hit(sample)) },
    { suffix: '.second', content: base(wanted, rules[1]!, other(sample)) },
  ]
}

function base({ schema, dataset }: Wanted, id: string, conditions: object): object {
  return {
    $schema: schema,
    id,
    name: nameOf(id),
    severity: 'informational',
    dataset: [dataset],
    conditions,
    alert: false,
    event: { type: 'base' },
  }
}

/** A new rule begins on trial. */
function headOf({ id, schema }: Wanted): object {
  return {
    $schema: schema,
    id,
    name: nameOf(id),
    description: 'Say what it detects and why that matters.',
    severity: 'medium',
    mode: 'shadow',
    attack: [],
  }
}

/** `entra.password-spray` is "Password spray". */
function nameOf(id: string): string {
  const words = id.split('.').at(-1)!.replace(/[-_]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function eventOf(message: string): object {
  return { type: 'suspicious', params: { message } }
}

function hit({ fact, value }: Sample): object {
  return { all: [{ fact, operator: 'equal', value }] }
}

function other({ fact, otherValue }: Sample): object {
  return { all: [{ fact, operator: 'equal', value: otherValue }] }
}

function testFile(cases: readonly object[]): SkeletonFile {
  return { suffix: '.test', content: cases }
}

/** A record as the case's first one, but for some members. */
function like(but: JsonObject): object {
  return { like: 0, but }
}
