import { isIP } from 'node:net'
import type { AlertV1 } from '@weir/contract'
import { attackIds } from './attack.ts'
import type { Field } from './fit.ts'
import { SEVERITY_OF_TEN } from './severity.ts'
import { portAt, textAt } from './text.ts'

/**
 * Every attribute of an alert, in the order of the line; those without a value are left out. The receiver's own
 * keys first, then ours, named as CEF names them. None of the `ident…` keys: they would write into its
 * inventory of assets.
 */
export function leefFields(alert: AlertV1): readonly Field[] {
  return [...predefined(alert), ...about(alert), ...counted(alert), ...members(alert)].filter(
    ({ value }) => value !== '',
  )
}

function predefined({ '@timestamp': at, event, weir, rule, source, destination, user }: AlertV1): Field[] {
  return [
    { key: 'devTime', value: milliseconds(at) },
    { key: 'sev', value: String(SEVERITY_OF_TEN[weir.alert.severity]) },
    { key: 'cat', value: event.category?.join(',') ?? rule.category ?? '' },
    { key: 'src', value: address(textAt(source, 'ip')) },
    { key: 'dst', value: address(textAt(destination, 'ip')) },
    { key: 'srcPort', value: portAt(source) },
    { key: 'dstPort', value: portAt(destination) },
    { key: 'usrName', value: textAt(user, 'name') ?? '' },
    { key: 'accountName', value: textAt(user, 'target.name') ?? '' },
  ]
}

function about({ event, message, weir, rule, user, cloud, user_agent: agent }: AlertV1): Field[] {
  return [
    { key: 'externalId', value: weir.alert.id },
    { key: 'revision', value: String(weir.alert.revision) },
    { key: 'kind', value: weir.alert.kind },
    { key: 'status', value: weir.alert.status },
    { key: 'mergedInto', value: weir.alert.merged_into ?? '' },
    { key: 'name', value: rule.name },
    { key: 'msg', value: message },
    { key: 'reason', value: weir.remedy ?? '' },
    { key: 'act', value: event.action ?? '' },
    { key: 'outcome', value: event.outcome ?? '' },
    { key: 'suid', value: textAt(user, 'id') ?? '' },
    { key: 'userAgent', value: textAt(agent, 'original') ?? '' },
    { key: 'service', value: textAt(cloud, 'service.name') ?? '' },
    { key: 'account', value: textAt(cloud, 'account.id') ?? '' },
  ]
}

function counted({ event, weir: { alert } }: AlertV1): Field[] {
  return [
    { key: 'cnt', value: String(alert.count) },
    { key: 'start', value: milliseconds(event.start) },
    { key: 'end', value: milliseconds(event.end) },
    { key: 'lateByMs', value: String(Math.round(alert.late_by_ms)) },
  ]
}

function members(alert: AlertV1): Field[] {
  const { group, events } = alert.weir.alert
  const datasets = new Set(events.map(({ dataset }) => dataset))
  return [
    { key: 'group', value: Object.keys(group).length === 0 ? '' : JSON.stringify(group) },
    { key: 'attack', value: attackIds(alert).join(',') },
    { key: 'datasets', value: [...datasets].join(',') || alert.event.dataset },
    { key: 'eventIds', value: events.map(({ id }) => id).join(',') },
  ]
}

function address(ip: string | undefined): string {
  return ip !== undefined && isIP(ip) !== 0 ? ip : ''
}

function milliseconds(time: string): string {
  return String(Date.parse(time))
}
