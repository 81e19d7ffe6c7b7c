import type { Span } from '../background.ts'
import type { Happening } from '../planned.ts'
import type { Random } from '../random.ts'
import type { Tenant } from '../tenant.ts'
import { AWS_STEPS } from './aws.ts'
import { AZURE_STEPS, DELETION_STEPS } from './azure.ts'
import { ENTRA_STEPS } from './entra.ts'
import { MAIL_STEPS } from './mail.ts'
import { NETWORK_STEPS } from './network.ts'
import type { Deed, Plot, Step } from './plot.ts'

/** A step of the attack, and by what it should be known. */
export interface Planted {
  readonly id: string
  /** The rule that should make an alert of it. */
  readonly rule: string
  /** An address, a user or an object that the alert should name. */
  readonly entity: string
  readonly dataset: string
  /**
   * Texts that each occur in the records of this step and nowhere else: the provider's id of a record, its
   * correlation id where it has none, or the addresses and ports of a flow.
   */
  readonly eventIds: readonly string[]
  /** Occurrences of these in everything handed over, repeats included. */
  readonly occurrences: number
  /** Event time of the first and the last, epoch milliseconds. */
  readonly first: number
  readonly last: number
}

/** Where in the span the attack begins, and the distance of its steps. */
const START_SHARE = 0.35
const STEP_SHARE = 0.04

const STEPS: readonly Step[] = [
  ...ENTRA_STEPS,
  ...AZURE_STEPS,
  ...AWS_STEPS,
  ...NETWORK_STEPS,
  ...MAIL_STEPS,
  ...DELETION_STEPS,
]

/** An attack across all sources, from guessed passwords to deleted resources. */
export function attack(
  tenant: Tenant,
  random: Random,
  span: Span,
): { readonly happenings: readonly Happening[]; readonly planted: readonly Planted[] } {
  const length = span.to - span.from
  const plot: Plot = {
    tenant,
    random,
    start: Math.round(span.from + length * START_SHARE),
    victim: tenant.users[random.between(100, 600)]!,
    sprayIp: `203.0.113.${random.between(60, 90)}`,
    toolIp: `203.0.113.${random.between(100, 130)}`,
    scanIp: `203.0.113.${random.between(200, 230)}`,
    awsUser: 'deploy-pipeline',
  }
  const played = STEPS.map((step, n) => {
    const deeds = step.act(plot, Math.round(plot.start + length * n * STEP_SHARE))
    return { deeds, planted: plantedOf(step, plot, deeds) }
  })
  return { happenings: played.flatMap(({ deeds }) => deeds), planted: played.map(({ planted }) => planted) }
}

function plantedOf({ id, rule, dataset, entity }: Step, plot: Plot, deeds: readonly Deed[]): Planted {
  const times = deeds.map(({ time }) => time)
  const occurrences = deeds.map(({ eventIds, twice }) => eventIds.length * (twice === true ? 2 : 1))
  return {
    id,
    rule,
    dataset,
    entity: entity(plot),
    eventIds: [...new Set(deeds.flatMap(({ eventIds }) => eventIds))],
    occurrences: occurrences.reduce((sum, each) => sum + each, 0),
    first: Math.min(...times),
    last: Math.max(...times),
  }
}
