import { type Expression, parseCondition } from './condition-grammar.ts'
import type { Detection, Logsource, SigmaDocument, SigmaFilter, SigmaRule } from './document.ts'
import { type Members, membersIn, required, textIn, textsIn } from './members.ts'
import { correlationIn } from './read-correlation.ts'
import { wordsIn } from './read-words.ts'
import { readYaml } from './read-yaml.ts'
import { Refused } from './refusal.ts'

/** What one document of a file is; `id` and `title` as far as they could be read. */
export interface ReadDocument {
  readonly id: string | null
  readonly title: string | null
  readonly document: SigmaDocument | Refused
}

/** Reads every document of a Sigma file. Never throws: what cannot be read says why. */
export function readDocuments(text: string): readonly ReadDocument[] {
  return readYaml(text)
    .filter((value) => value !== null && value !== undefined)
    .map((value) => ({
      id: labelOf(value, 'id'),
      title: labelOf(value, 'title'),
      document: documentOf(value),
    }))
}

function labelOf(value: unknown, key: string): string | null {
  const label: unknown = value instanceof Map ? value.get(key) : undefined
  return typeof label === 'string' ? label : null
}

function documentOf(value: unknown): SigmaDocument | Refused {
  try {
    if (value instanceof Refused) return value
    return checked(membersIn(value, 'a Sigma document'))
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

function checked(members: Members): SigmaDocument {
  const kinds = ['detection', 'correlation', 'filter'].filter((key) => members.has(key))
  if (kinds.length !== 1)
    throw new Refused(
      'document',
      `a document needs one of detection, correlation, filter: it has ${kinds.join(', ') || 'none'}`,
    )
  if (kinds[0] === 'detection') return ruleIn(members)
  return kinds[0] === 'filter' ? filterIn(members) : correlationIn(members)
}

function ruleIn(members: Members): SigmaRule {
  return {
    kind: 'rule',
    words: wordsIn(members),
    logsource: logsourceIn(members),
    detection: detectionIn(membersIn(members.get('detection'), 'detection'), ['condition']),
  }
}

function filterIn(members: Members): SigmaFilter {
  const words = wordsIn(members)
  const logsource = logsourceIn(members)
  const filter = membersIn(members.get('filter'), 'filter')
  if (!filter.has('rules')) throw new Refused('document', 'rules of the filter is missing')
  const rules = textsIn(filter, 'rules')
  const any = rules.length === 0 || (rules.length === 1 && rules[0]!.toLowerCase() === 'any')
  return {
    kind: 'filter',
    words,
    logsource,
    rules: any ? 'any' : rules,
    detection: detectionIn(filter, ['condition', 'rules']),
  }
}

function logsourceIn(members: Members): Logsource {
  const logsource = membersIn(required(members.get('logsource'), 'logsource'), 'logsource')
  const [product, service, category] = ['product', 'service', 'category'].map((key) =>
    textIn(logsource, key)?.toLowerCase(),
  )
  if (product === undefined && service === undefined && category === undefined)
    throw new Refused('document', 'logsource names no product, service or category')
  return {
    ...(product !== undefined && { product }),
    ...(service !== undefined && { service }),
    ...(category !== undefined && { category }),
  }
}

function detectionIn(members: Members, others: readonly string[]): Detection {
  const condition = conditionIn(members)
  if (members.has('timeframe'))
    throw new Refused(
      'legacy-timeframe',
      '"timeframe" is gone from Sigma 2: write a correlation over this rule',
    )
  const searches = new Map([...members].filter(([key]) => !others.includes(key)))
  if (searches.size === 0) throw new Refused('detection', 'there is no search identifier')
  return { searches, condition }
}

/** Several conditions are joined by or. */
function conditionIn(members: Members): Expression {
  const conditions = textsIn(members, 'condition').map(parseCondition)
  if (conditions.length === 0) throw new Refused('document', 'condition is missing')
  return conditions.length === 1 ? conditions[0]! : { kind: 'or', inner: conditions }
}
