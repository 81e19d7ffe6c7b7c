import type { Dataset } from '@weir/model'
import { allOf, type Conditions, type Leaf } from './conditions.ts'
import type { Logsource } from './document.ts'
import { type Entry, isCorrelation, isRule } from './entry.ts'
import { eventTypeOf, ruleWords } from './rule-words.ts'

/** A Weir rule made of a Sigma document. */
export interface ImportedRule {
  readonly id: string
  /** Below the folder of the output, with forward slashes. */
  readonly path: string
  /** The rule file's whole object. */
  readonly json: Readonly<Record<string, unknown>>
  readonly datasets: readonly string[]
  /** Where each Sigma field is looked for. */
  readonly reads: ReadonlyMap<string, readonly Leaf[]>
}

/** The rule file of a rule or correlation; `undefined` for a filter, and for what was refused. */
export function ruleFileOf(
  entry: Entry,
  entries: readonly Entry[],
  datasets: ReadonlyMap<string, Dataset>,
): ImportedRule | undefined {
  const { document, ruleId } = entry
  if (entry.refused !== undefined || document.kind === 'filter') return undefined
  const { name, description, severity, ...more } = ruleWords(document.words)
  const base = {
    id: ruleId,
    name,
    description,
    severity,
    ...more,
    ...(isSilent(entry, entries) && { alert: false }),
  }
  const path = `${folderOf(entry)}/${ruleId.replace(/^sigma\./, '')}.json`
  const event = (message: string) => ({ type: eventTypeOf(document.words), params: { message } })
  if (entry.correlation !== undefined) {
    const json = { ...base, correlation: entry.correlation.json, event: event(correlationMessage(entry)) }
    return { id: ruleId, path, json, datasets: [], reads: new Map() }
  }
  const { fields, conditions, reads } = entry.event!
  const json = {
    ...base,
    dataset: fields.datasets,
    conditions: topLevel(allOf(conditions)),
    event: event(eventMessage(fields.datasets, datasets)),
  }
  return { id: ruleId, path, json, datasets: fields.datasets, reads }
}

/** The outermost condition of a rule is never a single question. */
function topLevel(conditions: Conditions): Conditions {
  return 'fact' in conditions ? { all: [conditions] } : conditions
}

/** A base rule only feeds its correlations, unless one of them says that it also alerts by itself. */
function isSilent(entry: Entry, entries: readonly Entry[]): boolean {
  const over = entries.filter(
    (each) => isCorrelation(each) && each.refused === undefined && each.correlation?.bases.includes(entry),
  )
  return over.length > 0 && !over.some((each) => isCorrelation(each) && each.document.generate)
}

/** By log source; a correlation lies beside the first rule that it is built on. */
function folderOf(entry: Entry): string {
  if (!isRule(entry)) return folderOf(entry.correlation!.bases[0]!)
  const { product, service, category }: Logsource = entry.document.logsource
  const words = [product, service ?? category].flatMap((word) => word ?? [])
  return words.map((word) => word.replace(/[^a-z0-9_-]+/g, '-')).join('/')
}

/** Who and from where, as far as the datasets tell it. */
function eventMessage(names: readonly string[], datasets: ReadonlyMap<string, Dataset>): string {
  const has = (field: string) => names.some((name) => datasets.get(name)?.fields.has(field))
  const user = has('user.name') ? '{{user.name}}' : ''
  const source = has('source.ip') ? 'from {{source.ip}}' : ''
  const who = [user, source].filter((word) => word !== '').join(' ')
  return who === '' ? '{{rule.name}}' : `{{rule.name}}: ${who}`
}

function correlationMessage({ correlation }: Entry): string {
  const groups = [...new Set(correlation!.keys.values())].map((key) => `{{${key}}}`)
  return `{{rule.name}}: ${[...groups, '{{count}} events'].join(', ')} between {{first}} and {{last}}`
}
