import type { JsonObject, JsonValue } from '@weir/model'
import { parseTime } from './parse-time.ts'
import { arm, constant, derived, first, folded, ip, number, port, type Row, text, textOf } from './read.ts'

/** Event time of an Azure record, whose services do not agree on the spelling of the field. */
export function envelopeTime(record: JsonObject): number | undefined {
  return parseTime(record.time) ?? parseTime(record.timeStamp ?? record.timestamp ?? record.Timestamp)
}

/** Rows that every Azure resource log has. */
export const ENVELOPE: Readonly<Record<string, Row>> = {
  'cloud.provider': constant('azure'),
  'cloud.region': folded(text('location')),
  'cloud.account.id': arm('resourceId', 'subscription'),
  'event.action': folded(text('operationName')),
  'event.duration': nanoseconds('durationMs'),
  'log.level': folded(first(text('level'), text('Level'))),
  'source.ip': ip('callerIpAddress'),
  'source.port': port('callerIpAddress'),
  'source.address': text('callerIpAddress'),
  'azure.category': text('category'),
  'azure.correlation_id': text('correlationId'),
  'azure.resource.id': folded(text('resourceId')),
  'azure.resource.group': arm('resourceId', 'group'),
  'azure.resource.name': arm('resourceId', 'name'),
  'azure.resource.type': arm('resourceId', 'type'),
  'azure.subscription_id': arm('resourceId', 'subscription'),
  'azure.tenant_id': folded(first(text('tenantId'), arm('resourceId', 'tenant'))),
  'azure.result_type': text('resultType'),
  'azure.result_signature': text('resultSignature'),
}

/** ECS counts durations in nanoseconds. */
function nanoseconds(path: string): Row {
  const ms = number(path)
  return derived(`${path}, in nanoseconds`, (record) => {
    const value = ms.read(record)
    return typeof value === 'number' ? value * 1e6 : undefined
  })
}

/** Text for identity: the same in whatever case the way in wrote it. */
export function sameCase(value: JsonValue | undefined): string | undefined {
  return textOf(value)?.toLowerCase()
}

/** A time for identity: finer than a millisecond, and the same with `Z`, `+00:00` or trailing zeros. */
function sameTime(value: JsonValue | undefined): string | undefined {
  return textOf(value)
    ?.replace(/(?:Z|\+00:?00)$/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}

/** The columns of the envelope that stand for an id where the service gives none. */
export function envelopeColumns(record: JsonObject): readonly (JsonValue | undefined)[] {
  return [
    sameTime(record.time ?? record.timeStamp ?? record.timestamp),
    sameCase(record.resourceId),
    sameCase(record.operationName),
    sameCase(record.correlationId),
    sameCase(record.resultType),
    sameCase(record.resultSignature),
    sameCase(record.callerIpAddress),
  ]
}
