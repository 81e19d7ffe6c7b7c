import type { Sightings, SigmaImport, SigmaOutcome } from '@weir/engine'

/** One line of the report; `events` and `blind` only where records were given. */
export interface ReportLine extends SigmaOutcome {
  /** Events of the rule's datasets among the records. */
  readonly events?: number
  /** Fields of the Sigma rule that none of these events has. */
  readonly blind?: readonly string[]
}

/** A line for every document, in the order of the files. */
export function reportLines(
  { rules, outcomes }: SigmaImport,
  sightings: Sightings | undefined,
): readonly ReportLine[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  return outcomes.map((outcome) => {
    const rule = byId.get(outcome.rule ?? '')
    return rule === undefined || sightings === undefined ? outcome : { ...outcome, ...sightings.of(rule) }
  })
}
