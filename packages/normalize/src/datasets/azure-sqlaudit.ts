import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { parseTime } from '../parse-time.ts'
import { derived, first, folded, ip, number, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/** Audits of Azure SQL databases, and of Microsoft's own operators on them. */
export const AZURE_SQLAUDIT = dataset({
  name: 'azure.sqlaudit',
  latenessMs: 30 * MINUTE_MS,
  time: (record) => parseTime(eventTimeAt(record)) ?? envelopeTime(record),
  id: (record) => textOf(idAt(record)),
  // An action whose statement is too long for one record goes on in others of the same id.
  state: (record) => textOf(sequenceAt(record)) ?? '',
  columns: (record) => [...envelopeColumns(record), record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(
      first(text('properties.action_name'), text('properties.action_id'), text('operationName')),
    ),
    'event.category': derived('database; authentication too for log-ins', category),
    'event.type': derived('properties.action_name', types),
    'event.outcome': derived('properties.succeeded', outcome),
    'event.provider': text('category'),
    'event.code': derived('properties.action_id without its blanks', (record) =>
      textOf(actionIdAt(record))?.trim(),
    ),
    'event.reason': text('properties.additional_information'),
    'cloud.service.name': folded(first(text('LogicalServerName'), text('properties.server_instance_name'))),
    'user.name': folded(
      first(
        text('properties.server_principal_name'),
        text('properties.session_server_principal_name'),
        text('properties.database_principal_name'),
      ),
    ),
    'user.id': text('properties.server_principal_sid'),
    'user.target.name': folded(
      first(
        text('properties.target_server_principal_name'),
        text('properties.target_database_principal_name'),
      ),
    ),
    'source.ip': first(ip('properties.client_ip'), ip('callerIpAddress')),
    'source.address': first(text('properties.client_ip'), text('callerIpAddress')),
    'host.name': folded(text('properties.host_name')),
    'user_agent.original': text('properties.application_name'),
    'azure.sqlaudit.action_id': folded(text('properties.action_id')),
    'azure.sqlaudit.database': folded(text('properties.database_name')),
    'azure.sqlaudit.schema': text('properties.schema_name'),
    'azure.sqlaudit.object': text('properties.object_name'),
    'azure.sqlaudit.class_type': text('properties.class_type'),
    'azure.sqlaudit.statement': text('properties.statement'),
    'azure.sqlaudit.database_user': folded(text('properties.database_principal_name')),
    'azure.sqlaudit.session_id': text('properties.session_id'),
    'azure.sqlaudit.affected_rows': number('properties.affected_rows'),
    'azure.sqlaudit.response_rows': number('properties.response_rows'),
    'azure.sqlaudit.data_sensitivity': text('properties.data_sensitivity_information'),
  },
})

const eventTimeAt = reach('properties.event_time')
const idAt = reach('properties.event_id')
const sequenceAt = reach('properties.sequence_number')
const actionIdAt = reach('properties.action_id')
const succeededAt = reach('properties.succeeded')
const nameAt = first(text('properties.action_name'), text('properties.action_id'))

const LOGIN = /authentication|log(?:in|on|out|off)/i

function category(record: JsonObject): readonly string[] {
  return LOGIN.test(String(nameAt.read(record) ?? '')) ? ['database', 'authentication'] : ['database']
}

function types(record: JsonObject): readonly string[] {
  const name = String(nameAt.read(record) ?? '')
  if (/change|create|alter|drop|grant|revoke|deny/i.test(name)) return ['change']
  return LOGIN.test(name) ? ['start'] : ['access']
}

function outcome(record: JsonObject): string {
  const value = succeededAt(record)
  const succeeded = typeof value === 'boolean' ? String(value) : textOf(value)?.toLowerCase()
  if (succeeded === 'true' || succeeded === '1') return 'success'
  return succeeded === 'false' || succeeded === '0' ? 'failure' : 'unknown'
}
