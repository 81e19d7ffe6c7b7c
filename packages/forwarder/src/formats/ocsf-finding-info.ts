import type { AlertV1 } from '@weir/contract'
import { type AttackName, tacticsOf, techniquesOf } from './attack.ts'
import { present } from './present.ts'

type Members = Readonly<Record<string, unknown>>

/** What was found, by which rule, from what: `finding_info`. */
export function findingInfo(alert: AlertV1): Members {
  const { rule, weir } = alert
  const { id, first, last, count, events } = weir.alert
  return {
    uid: id,
    title: rule.name,
    analytic: {
      type_id: 1,
      type: 'Rule',
      uid: rule.id,
      ...present({ name: rule.name, version: rule.version }),
    },
    first_seen_time: Date.parse(first),
    last_seen_time: Date.parse(last),
    ...writtenTime(alert),
    related_events_count: count,
    ...present({
      desc: rule.description,
      types: rule.category === undefined ? [] : [rule.category],
      src_url: webAddress(rule.reference),
      attacks: attacksOf(alert),
      data_sources: [...new Set(events.map(({ dataset }) => dataset))],
      related_events: events.map(relatedEvent),
    }),
  }
}

/** Each revision says when it was written; only the first was written when the finding was made. */
function writtenTime({ event, weir }: AlertV1): Members {
  const written = Date.parse(event.created)
  return weir.alert.revision === 1 ? { created_time: written } : { modified_time: written }
}

function webAddress(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\/\S+$/.test(text) ? text : undefined
}

function relatedEvent({ id, dataset, time }: AlertV1['weir']['alert']['events'][number]): Members {
  return { uid: id, type: dataset, created_time: Date.parse(time) }
}

/** One for each sub-technique, and one for each technique of which none is named; each with the rule's tactic. */
function attacksOf(alert: AlertV1): Members[] {
  const [tactic] = tacticsOf(alert)
  const techniques = techniquesOf(alert)
  const parts = techniques.filter(({ id }) => id.includes('.'))
  const whole = techniques.filter(({ id }) => !parts.some((part) => parentOf(part) === id))
  const attacks = whole
    .filter(({ id }) => !id.includes('.'))
    .map((technique) => ({ technique: named(technique) }))
  const under = parts.map((part) => ({
    technique: named(techniques.find(({ id }) => id === parentOf(part)) ?? { id: parentOf(part) }),
    sub_technique: named(part),
  }))
  const found = [...attacks, ...under]
  if (tactic === undefined) return found
  return found.length === 0
    ? [{ tactic: named(tactic) }]
    : found.map((each) => ({ tactic: named(tactic), ...each }))
}

function parentOf({ id }: AttackName): string {
  return id.split('.')[0]!
}

function named({ id, name }: AttackName): Members {
  return name === undefined ? { uid: id } : { uid: id, name }
}
