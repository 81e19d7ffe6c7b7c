/** Why a Sigma document is refused: stable codes, each with what it means. */
export const REFUSALS = {
  yaml: 'not YAML, or beyond a bound: a megabyte, a thousand documents, a hundred aliases',
  document:
    'a member is missing or of the wrong kind, or the document is none of rule, correlation and filter',
  'unmapped-logsource': 'no field map is for this log source',
  'unmapped-field': 'the field map does not say where this field stands',
  detection: 'a search identifier is empty, nested too deep, or holds null in a list',
  condition: 'the condition cannot be read, or names an identifier that is not there',
  'never-matches': 'no event can meet the condition',
  'always-matches': 'every event meets the condition',
  'legacy-aggregation': 'a pipe in the condition: aggregations are gone from Sigma 2, write a correlation',
  'legacy-timeframe': 'timeframe in the detection: it is gone from Sigma 2, write a correlation',
  modifier: 'a modifier is unknown, out of order, or does not go with its value',
  placeholder: 'the field map gives no value for a placeholder',
  value: 'a value cannot be used: a network, pattern or time that cannot be read',
  'inexact-field':
    'case, a pattern or emptiness is asked of an ECS field that does not keep it, and the map has no path',
  size: 'more conditions than a rule may have',
  correlation: 'a correlation says what the Sigma specification does not have, or Weir cannot do',
  'unknown-rule': 'a correlation or filter names a rule that is not there',
  'refused-rule': 'a correlation or filter is over a rule that was refused',
  'refused-correlation': 'a base rule whose correlation was refused would alert by itself',
  'group-field': 'a correlation groups by or counts what is no ECS field of its rules',
  'does-not-load': 'the rule that came out does not load: most often the field map names what is not there',
  filter: 'a filter is for another log source than the rule that it names',
} as const

export type RefusalCode = keyof typeof REFUSALS

/** A Sigma document, or something in it, that cannot be imported; `message` is the sentence for people. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.code = code
  }

  /** Code and sentence as a report tells them. */
  get reason(): string {
    return `${this.code}: ${this.message}`
  }
}
