import { isIPv4, isIPv6 } from 'node:net'
import type { AlertV1 } from '@weir/contract'
import { attackIds } from './attack.ts'
import { textAt } from './text.ts'

/** One extension; `label` makes a custom key tell what it holds. */
export interface CefField {
  readonly key: string
  readonly value: string
  readonly label?: string
}

/** Longest value of each key, in characters, by the CEF dictionary. */
export const CEF_CHARACTERS_MAX: Readonly<Record<string, number>> = {
  externalId: 40,
  cat: 1023,
  act: 63,
  outcome: 63,
  msg: 1023,
  reason: 1023,
  suser: 1023,
  suid: 1023,
  duser: 1023,
  shost: 1023,
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

/** Every extension of an alert, in the order of the line; those without a value are left out. */
export function cefFields(alert: AlertV1): CefField[] {
  const fields = [...times(alert), ...what(alert), ...who(alert), ...custom(alert)]
  return fields.filter(({ value }) => value.trim() !== '')
}

function times({ '@timestamp': at, event, weir }: AlertV1): CefField[] {
  return [
    { key: 'externalId', value: weir.alert.id },
    { key: 'rt', value: milliseconds(at) },
    { key: 'start', value: milliseconds(event.start) },
    { key: 'end', value: milliseconds(event.end) },
    { key: 'cnt', value: String(weir.alert.count) },
  ]
}

function what({ event, message, weir, rule }: AlertV1): CefField[] {
  return [
    { key: 'cat', value: event.category?.join(',') ?? rule.category ?? '' },
    { key: 'act', value: event.action ?? '' },
    { key: 'outcome', value: event.outcome ?? '' },
    { key: 'msg', value: message },
    { key: 'reason', value: weir.remedy ?? '' },
  ]
}

function who({ source, user, destination, cloud, user_agent: agent }: AlertV1): CefField[] {
  return [
    ...address(textAt(source, 'ip') ?? '', 'src', 'c6a2', 'Source IPv6 Address'),
    ...address(textAt(destination, 'ip') ?? '', 'dst', 'c6a3', 'Destination IPv6 Address'),
    { key: 'suser', value: textAt(user, 'name') ?? '' },
    { key: 'suid', value: textAt(user, 'id') ?? '' },
    { key: 'duser', value: textAt(user, 'target.name') ?? '' },
    { key: 'requestClientApplication', value: textAt(agent, 'original') ?? '' },
    { key: 'destinationServiceName', value: textAt(cloud, 'service.name') ?? '' },
    { key: 'deviceExternalId', value: textAt(cloud, 'account.id') ?? '' },
  ]
}

/** `src` and `dst` hold IPv4 alone. */
function address(ip: string, v4: string, v6: string, label: string): CefField[] {
  if (isIPv4(ip)) return [{ key: v4, value: ip }]
  return isIPv6(ip) ? [{ key: v6, value: ip, label }] : []
}

function custom(alert: AlertV1): CefField[] {
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
