import { type Alert, isObject, type JsonValue } from '@weir/model'

/** The users, addresses and hosts of an alert: what `/v1/alerts?entity=` finds it by. */
export function entitiesOf(alert: Alert): ReadonlySet<string> {
  const found = new Set<string>()
  collect(alert.related, found)
  collect(alert.weir.alert.group, found)
  return found
}

function collect(value: JsonValue | undefined, found: Set<string>): void {
  if (typeof value === 'string') found.add(value)
  else if (Array.isArray(value)) for (const each of value) collect(each, found)
  else if (isObject(value)) for (const each of Object.values(value)) collect(each, found)
}
