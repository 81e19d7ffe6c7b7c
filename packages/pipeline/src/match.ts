import type { Hit } from '@weir/engine'
import { type Event, type FieldValue, fieldOf, type Match, positionOf } from '@weir/model'
import { eventIdOf, identityOf, subjectOf } from '@weir/normalize'
import { recordField } from './record-field.ts'

/** Fields that every alert shows, where its events have them. */
const SHOWN_FIELDS = [
  'event.action',
  'event.outcome',
  'event.category',
  'event.type',
  'event.provider',
  'source.ip',
  'source.port',
  'source.geo.country_iso_code',
  'source.as.number',
  'destination.ip',
  'destination.port',
  'user.name',
  'user.id',
  'user.email',
  'user.target.name',
  'user_agent.original',
  'cloud.provider',
  'cloud.account.id',
  'cloud.region',
  'cloud.service.name',
  'host.name',
] as const

/** A hit as correlation and alerting need it: identity computed exactly, fields read once, nothing of the record. */
export function matchOf({ rule, event }: Hit, arrivalKnown: boolean): Match {
  return {
    rule: rule.id,
    ruleHash: rule.hash,
    identity: identityOf(event),
    subject: subjectOf(event),
    eventId: eventIdOf(event),
    dataset: event.dataset.name,
    time: event.time,
    lateMs: arrivalKnown ? Math.max(0, event.origin.arrival - event.time) : 0,
    position: positionOf(event),
    fields: fieldsOf(event, rule.fields),
  }
}

function fieldsOf(event: Event, declared: readonly string[]): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {}
  for (const name of SHOWN_FIELDS) keep(fields, name, fieldOf(event, name))
  for (const name of declared) if (!(name in fields)) keep(fields, name, declaredOf(event, name))
  return fields
}

/** Two fields exist for every event without standing in a dataset's table. */
function declaredOf(event: Event, name: string): FieldValue {
  if (name === 'event.dataset') return event.dataset.name
  if (name === '@timestamp') return new Date(event.time).toISOString()
  if (name.startsWith('record.')) return recordField(event.record, name)
  return fieldOf(event, name)
}

function keep(fields: Record<string, FieldValue>, name: string, value: FieldValue): void {
  if (value !== undefined) fields[name] = value
}
