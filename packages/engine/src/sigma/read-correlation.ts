import { SIGMA_CORRELATION_TYPES } from '../rule/rule.ts'
import type { SigmaCorrelation, SigmaCorrelationType } from './document.ts'
import { type Members, membersIn, required, textIn, textsIn } from './members.ts'
import { wordsIn } from './read-words.ts'
import { Refused } from './refusal.ts'

const BOUNDS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq']
const MEMBERS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']

/** Reads a correlation document. Throws `Refused`. */
export function correlationIn(document: Members): SigmaCorrelation {
  const words = wordsIn(document)
  const members = membersIn(document.get('correlation'), 'correlation')
  for (const key of members.keys())
    if (!MEMBERS.includes(key))
      throw new Refused('correlation', `"${key}" is not in the Sigma correlation specification`)
  const rules = textsIn(members, 'rules')
  const condition = conditionIn(members.get('condition'))
  if (rules.length === 0) throw new Refused('document', 'rules of the correlation is missing')
  return {
    kind: 'correlation',
    words,
    ...typeIn(members),
    rules,
    groupBy: textsIn(members, 'group-by'),
    timespan: timespanIn(members),
    ...condition,
    aliases: aliasesIn(members.get('aliases')),
    generate: flagIn(members.get('generate') ?? document.get('generate')),
  }
}

/** `value_median` is not in the specification, and is a percentile of 50 by its own words. */
function typeIn(members: Members): { readonly type: SigmaCorrelationType; readonly percentile?: number } {
  const text = required(textIn(members, 'type'), 'type of the correlation')
  if (text === 'value_median') return { type: 'value_percentile', percentile: 50 }
  const type = SIGMA_CORRELATION_TYPES.find((each) => each === text)
  if (type === undefined) throw new Refused('correlation', `there is no correlation type "${text}"`)
  return { type }
}

function timespanIn(members: Members): string {
  const text = required(textIn(members, 'timespan'), 'timespan')
  if (!/^[1-9]\d{0,8}[smhd]$/.test(text))
    throw new Refused('value', `timespan "${text}" is no number with s, m, h or d`)
  return text
}

function conditionIn(value: unknown): Pick<SigmaCorrelation, 'bounds' | 'fields' | 'percentile'> {
  if (value === undefined || value === null) return { bounds: new Map(), fields: [] }
  if (typeof value === 'string')
    throw new Refused(
      'correlation',
      'a condition over rule names is not in the Sigma specification: list the rules',
    )
  const members = membersIn(value, 'condition of the correlation')
  for (const key of members.keys())
    if (!BOUNDS.includes(key) && key !== 'field' && key !== 'percentile')
      throw new Refused('correlation', `"${key}" is no condition of a correlation`)
  const bounds = BOUNDS.filter((key) => members.has(key)).map((key) => [key, numberIn(members, key)] as const)
  return {
    bounds: new Map(bounds),
    fields: textsIn(members, 'field'),
    ...(members.has('percentile') && { percentile: numberIn(members, 'percentile') }),
  }
}

function numberIn(members: Members, key: string): number {
  const value = members.get(key)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Refused('document', `${key} must be a number`)
}

function aliasesIn(value: unknown): SigmaCorrelation['aliases'] {
  if (value === undefined || value === null) return new Map()
  const aliases = [...membersIn(value, 'aliases')].map(([alias, inner]) => {
    const fields = membersIn(inner, `alias "${alias}"`)
    return [
      alias,
      new Map(
        [...fields.keys()].map((rule) => [
          rule,
          required(textIn(fields, rule), `alias "${alias}" for ${rule}`),
        ]),
      ),
    ] as const
  })
  return new Map(aliases)
}

function flagIn(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  throw new Refused('document', 'generate must be true or false')
}
