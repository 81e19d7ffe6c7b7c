import { isIPv4, isIPv6 } from 'node:net'
import type { AlertV1 } from '@weir/contract'
import { attackIds } from './attack.ts'
import { clean } from './cef-text.ts'
import type { Field } from './fit.ts'
import { cutCharacters, portAt, textAt } from './text.ts'

/** Longest value of each key, in characters, by the CEF dictionary. */
const CHARACTERS_MAX: Readonly<Record<string, number>> = {
  externalId: 40,
  cat: 1023,
  act: 63,
  outcome: 63,
  msg: 1023,
  reason: 1023,
  suser: 1023,
  suid: 1023,
  duser: 1023,
  requestClientApplication: 1023,
  destinationServiceName: 1023,
  deviceExternalId: 255,
  flexString1: 1023,
  cs1: 4000,
  cs2: 4000,
  cs3: 4000,
  cs4: 4000,
  cs5: 4000,
  cs6: 4000,
}

/** Says that something was cut or left out; the whole alert is at the aggregator. */
export const CUT: Field = { key: 'cn3', value: '1', label: 'truncated' }

/** Every extension of an alert, in the order of the line; those without a value are left out. */
export function cefFields(alert: AlertV1): readonly Field[] {
  const whole = [...times(alert), ...what(alert), ...who(alert), ...custom(alert)].map(cleaned)
  const held = whole.map(bounded)
  const fields = held.filter(({ value }) => value !== '')
  return held.some(({ value }, i) => value !== whole[i]!.value) ? [...fields, CUT] : fields
}

function cleaned(field: Field): Field {
  return { ...field, value: clean(field.value) }
}

/** Holds a value to its key's length. */
function bounded(field: Field): Field {
  const charactersMax = CHARACTERS_MAX[field.key] ?? Number.POSITIVE_INFINITY
  return { ...field, value: cutCharacters(field.value, charactersMax).trimEnd() }
}

function times({ '@timestamp': at, event, weir }: AlertV1): Field[] {
  return [
    { key: 'externalId', value: weir.alert.id },
    { key: 'rt', value: milliseconds(at) },
    { key: 'start', value: milliseconds(event.start) },
    { key: 'end', value: milliseconds(event.end) },
    { key: 'cnt', value: String(weir.alert.count) },
  ]
}

function what({ event, message, weir, rule }: AlertV1): Field[] {
  return [
    { key: 'cat', value: event.category?.join(',') ?? rule.category ?? '' },
    { key: 'act', value: event.action ?? '' },
    { key: 'outcome', value: event.outcome ?? '' },
    { key: 'msg', value: message },
    { key: 'reason', value: weir.remedy ?? '' },
  ]
}

function who({ source, user, destination, cloud, user_agent: agent }: AlertV1): Field[] {
  return [
    ...address(textAt(source, 'ip') ?? '', 'src', 'c6a2', 'Source IPv6 Address'),
    { key: 'spt', value: portAt(source) },
    ...address(textAt(destination, 'ip') ?? '', 'dst', 'c6a3', 'Destination IPv6 Address'),
    { key: 'dpt', value: portAt(destination) },
    { key: 'suser', value: textAt(user, 'name') ?? '' },
    { key: 'suid', value: textAt(user, 'id') ?? '' },
    { key: 'duser', value: textAt(user, 'target.name') ?? '' },
    { key: 'requestClientApplication', value: textAt(agent, 'original') ?? '' },
    { key: 'destinationServiceName', value: textAt(cloud, 'service.name') ?? '' },
    { key: 'deviceExternalId', value: textAt(cloud, 'account.id') ?? '' },
  ]
}

/** `src` and `dst` hold IPv4 alone. */
function address(ip: string, v4: string, v6: string, label: string): Field[] {
  if (isIPv4(ip)) return [{ key: v4, value: ip }]
  return isIPv6(ip) ? [{ key: v6, value: ip, label }] : []
}

function custom(alert: AlertV1): Field[] {
  const { group, events, kind, status, revision, late_by_ms: lateBy, merged_into: into } = alert.weir.alert
  const datasets = new Set(events.map(({ dataset }) => dataset))
  return [
    { key: 'cs1', value: Object.keys(group).length === 0 ? '' : JSON.stringify(group), label: 'group' },
    { key: 'cs2', value: attackIds(alert).join(','), label: 'attack' },
    { key: 'cs3', value: [...datasets].join(',') || alert.event.dataset, label: 'datasets' },
    { key: 'cs4', value: events.map(({ id }) => id).join(','), label: 'eventIds' },
    { key: 'cs5', value: kind, label: 'kind' },
    { key: 'cs6', value: status, label: 'status' },
    { key: 'cn1', value: String(revision), label: 'revision' },
    { key: 'cn2', value: String(Math.round(lateBy)), label: 'lateByMs' },
    { key: 'flexString1', value: into ?? '', label: 'mergedInto' },
  ]
}

function milliseconds(time: string): string {
  return String(Date.parse(time))
}
