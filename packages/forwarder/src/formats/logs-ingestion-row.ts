import type { AlertV1 } from '@weir/contract'
import { attackIds, tacticsOf } from './attack.ts'
import { alertAs, type JsonFormat } from './json-format.ts'
import { present } from './present.ts'
import { cutBytes, textAt } from './text.ts'

/** The service cuts a field that is longer, and half a document is none. */
const FIELD_BYTES_MAX = 64 * 1024

/** Types of a Log Analytics table. */
type ColumnType = 'datetime' | 'string' | 'int' | 'long' | 'boolean' | 'dynamic'

/** Every column that a row can have, in the order of the table; deploy/sentinel has the same. */
export const COLUMNS: Readonly<Record<string, ColumnType>> = {
  TimeGenerated: 'datetime',
  AlertId: 'string',
  Revision: 'int',
  Kind: 'string',
  Status: 'string',
  MergedInto: 'string',
  Severity: 'string',
  RuleId: 'string',
  RuleName: 'string',
  Message: 'string',
  Remedy: 'string',
  EventCount: 'long',
  FirstSeen: 'datetime',
  LastSeen: 'datetime',
  Created: 'datetime',
  Tactics: 'dynamic',
  Techniques: 'dynamic',
  Tags: 'dynamic',
  Datasets: 'dynamic',
  SourceIp: 'string',
  DestinationIp: 'string',
  UserName: 'string',
  UserId: 'string',
  TargetUserName: 'string',
  CloudProvider: 'string',
  CloudAccountId: 'string',
  CloudRegion: 'string',
  EventAction: 'string',
  EventOutcome: 'string',
  Alert: 'dynamic',
  AlertLeftOut: 'boolean',
}

/**
 * An alert as a row of a Log Analytics table: flat columns, and the whole of it in `Alert`. Columns without a value
 * are left out. An alert that is too large for a field is left out, which `AlertLeftOut` tells.
 */
export function logsIngestionRow(alert: AlertV1, format: JsonFormat): Readonly<Record<string, unknown>> {
  const { id, revision, kind, status, severity, count, first, last, merged_into: into } = alert.weir.alert
  const whole = alertAs(alert, format)
  const tooLarge = Buffer.byteLength(JSON.stringify(whole)) > FIELD_BYTES_MAX
  return {
    TimeGenerated: alert['@timestamp'],
    AlertId: id,
    Revision: revision,
    Kind: kind,
    Status: status,
    ...present({ MergedInto: into }),
    Severity: severity,
    RuleId: alert.rule.id,
    RuleName: alert.rule.name,
    Message: cutBytes(alert.message, FIELD_BYTES_MAX),
    EventCount: count,
    FirstSeen: first,
    LastSeen: last,
    Created: alert.event.created,
    ...present(whatAndWho(alert)),
    ...(tooLarge ? { AlertLeftOut: true } : { Alert: whole }),
  }
}

function whatAndWho(alert: AlertV1): Readonly<Record<string, unknown>> {
  const { event, source, destination, user, cloud, weir, tags } = alert
  return {
    Remedy: weir.remedy,
    Tactics: tacticsOf(alert).map(({ id }) => id),
    Techniques: attackIds(alert),
    Tags: tags,
    Datasets: [...new Set(weir.alert.events.map(({ dataset }) => dataset))],
    SourceIp: textAt(source, 'ip'),
    DestinationIp: textAt(destination, 'ip'),
    UserName: textAt(user, 'name'),
    UserId: textAt(user, 'id'),
    TargetUserName: textAt(user, 'target.name'),
    CloudProvider: textAt(cloud, 'provider'),
    CloudAccountId: textAt(cloud, 'account.id'),
    CloudRegion: textAt(cloud, 'region'),
    EventAction: event.action,
    EventOutcome: event.outcome,
  }
}
