import type { AlertV1 } from '@weir/contract'
import { alertAs, type JsonFormat } from './json-format.ts'

/** What a record is told apart, and given to a partition, by. */
export type KafkaKey = 'alert' | 'rule' | 'entity'

export interface KafkaRecord {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly value: Buffer
}

/** An alert as a record: its JSON, and beside it what a consumer asks before it reads that. */
export function kafkaRecord(alert: AlertV1, keyed: KafkaKey, format: JsonFormat): KafkaRecord {
  const { id, revision, kind, severity, status, merged_into } = alert.weir.alert
  const headers = {
    alert_id: id,
    revision: String(revision),
    kind,
    severity,
    status,
    rule: alert.rule.id,
    ...(merged_into === undefined ? {} : { merged_into }),
    'content-type': 'application/json',
  }
  return {
    key: keyOf(alert, keyed),
    headers,
    value: Buffer.from(JSON.stringify(alertAs(alert, format)), 'utf8'),
  }
}

function keyOf(alert: AlertV1, keyed: KafkaKey): string {
  switch (keyed) {
    case 'alert':
      return alert.weir.alert.id
    case 'rule':
      return alert.rule.id
    case 'entity':
      return entityOf(alert) ?? alert.weir.alert.id
    default:
      return keyed satisfies never
  }
}

/** What the rule groups by, which is the same in every revision; else the user, else the address. */
function entityOf({ weir, user, source }: AlertV1): string | undefined {
  return [...Object.values(weir.alert.group), user?.['name'], source?.['ip']].find(
    (value): value is string => typeof value === 'string' && value !== '',
  )
}

/** A record in one piece, for the way to where it is sent: the length of key and headers, these as JSON, the value. */
export function packRecord({ key, headers, value }: KafkaRecord): Buffer {
  const head = Buffer.from(JSON.stringify({ key, headers }), 'utf8')
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(head.length)
  return Buffer.concat([length, head, value])
}

export function unpackRecord(bytes: Buffer): KafkaRecord {
  const end = LENGTH_BYTES + bytes.readUInt32BE()
  const head = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end)) as Omit<KafkaRecord, 'value'>
  return { ...head, value: bytes.subarray(end) }
}

const LENGTH_BYTES = 4
