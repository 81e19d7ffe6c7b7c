import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { constant, derived, first, folded, number, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/** What function apps write, and when their functions start, end and fail. */
export const AZURE_FUNCTIONS = dataset({
  name: 'azure.functions',
  latenessMs: 30 * MINUTE_MS,
  time: envelopeTime,
  columns: (record) => [...envelopeColumns(record), record.category, record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(text('properties.eventName'), text('operationName'))),
    'event.category': constant(['process']),
    'event.type': derived('properties.eventName', types),
    'event.outcome': derived('failure with an exception, success where a function ended without', outcome),
    'event.provider': text('category'),
    'event.code': text('properties.eventId'),
    'event.reason': first(text('properties.exceptionMessage'), text('properties.exceptionType')),
    message: text('properties.message'),
    'log.level': folded(first(text('level'), text('Level'), text('properties.level'))),
    'error.type': text('properties.exceptionType'),
    'error.message': text('properties.exceptionMessage'),
    'error.stack_trace': text('properties.exceptionDetails'),
    'process.pid': number('properties.processId'),
    'azure.functions.app': folded(text('properties.appName')),
    'azure.functions.name': folded(text('properties.functionName')),
    'azure.functions.invocation_id': text('properties.functionInvocationId'),
    'azure.functions.category': text('properties.category'),
    'azure.functions.host_version': text('properties.hostVersion'),
    'azure.functions.role_instance': text('properties.roleInstance'),
  },
})

const eventAt = reach('properties.eventName')
const exceptionAt = reach('properties.exceptionType')

function types(record: JsonObject): readonly string[] {
  const name = textOf(eventAt(record)) ?? ''
  if (name === 'FunctionStarted') return ['start']
  return name === 'FunctionCompleted' ? ['end'] : ['info']
}

function outcome(record: JsonObject): string {
  if (textOf(exceptionAt(record)) !== undefined) return 'failure'
  return textOf(eventAt(record)) === 'FunctionCompleted' ? 'success' : 'unknown'
}
