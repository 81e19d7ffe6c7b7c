import { isObject, type JsonObject, type JsonValue } from '@weir/model'

/**
 * A Windows event in its one shape, that of Winlogbeat: `winlog` with channel, computer, event id, record id,
 * provider and `event_data`. `undefined` for what is no Windows event. Known are Winlogbeat's own records, NXLog's
 * flat ones and the columns of the SecurityEvent and Event tables, as the agents of Azure Monitor fill them.
 */
export function windowsShape(record: JsonObject): JsonObject | undefined {
  if (isObject(record.winlog)) return fromWinlogbeat(record, record.winlog)
  const id = eventId(record.EventID ?? record.EventId)
  if (id === undefined) return undefined
  const channel = textIn(record, ['Channel', 'EventLog']) ?? channelOf(record)
  const computer = textIn(record, ['Computer', 'Hostname', 'HostName', 'MachineName'])
  if (channel === undefined || computer === undefined) return undefined
  return fromColumns(record, id, channel, computer)
}

/** Older versions write the id as a number, newer ones as text; `@metadata` and `agent` are its own affairs. */
function fromWinlogbeat(record: JsonObject, winlog: JsonObject): JsonObject {
  const id = eventId(winlog.event_id)
  const rest = id === undefined || winlog.event_id === id ? winlog : { ...winlog, event_id: id }
  return { ...kept(record), winlog: rest }
}

function kept({ message, syslog, ...record }: JsonObject): JsonObject {
  const event = isObject(record.event) ? record.event : {}
  return present({ time: record['@timestamp'] ?? event.created, message, syslog, host: record.host })
}

/** Columns of the envelope, which are not the event's data. */
const ENVELOPE: ReadonlySet<string> = new Set(
  (
    'EventID EventId Channel EventLog Computer Hostname HostName MachineName EventTime TimeCreated TimeGenerated ' +
    'RecordNumber EventRecordID EventRecordId SourceName EventSourceName ProviderName Source ProviderGuid Message ' +
    'RenderedDescription Keywords Level EventLevel EventLevelName Severity SeverityValue Task TaskCategory Opcode ' +
    'OpcodeValue Version ActivityID ProcessID ThreadID ExecutionProcessID ExecutionThreadID EventReceivedTime ' +
    'SourceModuleName SourceModuleType EventType Activity Type TenantId SourceSystem MG ManagementGroupName ' +
    '_ResourceId SourceComputerId EventOriginId EventData EventData_s time @timestamp syslog UserData'
  ).split(' '),
)

function fromColumns(record: JsonObject, id: number, channel: string, computer: string): JsonObject {
  const data = dataOf(record.EventData)
  const flat = Object.entries(record).filter(([key]) => !ENVELOPE.has(key))
  const winlog = present({
    event_id: id,
    channel,
    computer_name: computer,
    record_id: record.RecordNumber ?? record.EventRecordID ?? record.EventRecordId ?? record.EventOriginId,
    provider_name: textIn(record, ['SourceName', 'ProviderName', 'EventSourceName', 'Source']),
    provider_guid: record.ProviderGuid,
    task: record.TaskCategory ?? record.Task,
    keywords: record.Keywords,
    level: record.EventLevelName ?? record.Level ?? record.EventLevel ?? record.Severity,
    activity: record.Activity,
    event_data: data ?? (present(Object.fromEntries(flat)) as JsonValue),
  })
  return present({
    time: timeOf(record),
    message: textIn(record, ['Message', 'RenderedDescription']),
    syslog: record.syslog,
    winlog,
  })
}

/** As an object, or as the XML that the Event table has. */
function dataOf(value: JsonValue | undefined): JsonObject | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string') return undefined
  const pairs = [...value.matchAll(/<Data Name="([^"<>]+)">([^<]*)<\/Data>/g)]
  return Object.fromEntries(pairs.map((pair) => [pair[1], plain(pair[2] as string)]))
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
])

function plain(xml: string): string {
  return xml.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES.get(name) as string)
}

/** When it happened; TimeGenerated is that too in tables, `time` the header's where nothing else is there. */
function timeOf(record: JsonObject): JsonValue | undefined {
  return record.TimeCreated ?? record.EventTime ?? record.TimeGenerated ?? record['@timestamp'] ?? record.time
}

/** The table of security events has no column for what it is a table of; older exports have neither. */
function channelOf(record: JsonObject): string | undefined {
  const provider = textIn(record, ['EventSourceName', 'SourceName', 'ProviderName'])
  const isSecurity = record.Type === 'SecurityEvent' || provider === 'Microsoft-Windows-Security-Auditing'
  return isSecurity ? 'Security' : undefined
}

function eventId(value: JsonValue | undefined): number | undefined {
  const id = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value
  return typeof id === 'number' && Number.isInteger(id) ? id : undefined
}

function textIn(record: JsonObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = record[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

/** Only the members that have a value. */
function present(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  )
}
