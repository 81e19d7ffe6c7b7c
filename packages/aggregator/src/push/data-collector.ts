import type { JsonObject } from '@weir/model'
import { parseTime } from '@weir/normalize'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { linesOf } from './records.ts'
import { Refusal, type Wording } from './refusal.ts'
import type { CollectorSettings } from './settings.ts'
import { httpDate, isSigned, sharedKeyOf } from './shared-key.ts'
import { type PushContext, take } from './take.ts'

const API_VERSION = '2016-04-01'
const BODY_BYTES_MAX = 30 * 1024 * 1024
/** How far the sender's clock may be from ours. */
const DATE_MS_MAX = 15 * 60_000
/** A time further ahead is not believed; the time of receipt stands in its place. */
const AHEAD_MS_MAX = 24 * 3_600_000

/** The codes that the documentation of the API names, each with its status. */
const CODES = {
  MissingApiVersion: 400,
  InvalidApiVersion: 400,
  MissingContentType: 400,
  UnsupportedContentType: 400,
  InvalidCustomerId: 400,
  MissingLogType: 400,
  InvalidLogType: 400,
  InvalidDataFormat: 400,
  InvalidAuthorization: 403,
} as const

/** The HTTP Data Collector API: what was written for a Log Analytics workspace runs with another host name. */
export function dataCollector(app: FastifyInstance, context: PushContext, settings: CollectorSettings): void {
  const { clock } = context
  app.post('/api/logs', { config: { endpoint: 'data-collector', wording } }, async (request, reply) => {
    checkVersion(request)
    checkType(request)
    checkSignature(request, settings, clock.now())
    const table = tableOf(request, settings)
    const scope = ['data-collector', table.logType, table.resourceId, table.timeField]
    await take(context, request, scope, { bytesMax: BODY_BYTES_MAX, codings: [] }, (body) => ({
      ...linesOf(body, membersFor(table, clock.now())),
      dataset: table.dataset,
    }))
    return reply.code(200).send('')
  })
}

interface Table {
  readonly logType: string
  readonly dataset: string
  readonly resourceId: string
  readonly timeField: string
}

function checkVersion({ query }: FastifyRequest): void {
  const version = (query as Readonly<Record<string, unknown>>)['api-version']
  if (version === undefined || version === '')
    throw refused('MissingApiVersion', `add ?api-version=${API_VERSION} to the address`)
  if (version !== API_VERSION)
    throw refused('InvalidApiVersion', `the only api-version taken is ${API_VERSION}`)
}

function checkType({ headers }: FastifyRequest): void {
  const type = headers['content-type']
  if (type === undefined || type === '')
    throw refused('MissingContentType', 'send Content-Type: application/json')
  if (type.split(';', 1)[0]!.trim().toLowerCase() !== 'application/json')
    throw refused('UnsupportedContentType', 'the only Content-Type taken is application/json')
}

function checkSignature(
  { headers }: FastifyRequest,
  { workspaceId, keys }: CollectorSettings,
  now: number,
): void {
  const presented = sharedKeyOf(headers.authorization)
  if (presented === undefined)
    throw refused('InvalidAuthorization', 'send Authorization: SharedKey <workspace id>:<signature>')
  if (presented.workspaceId.toLowerCase() !== workspaceId.toLowerCase())
    throw refused('InvalidCustomerId', 'the workspace id is not the one that is configured here')
  const date = String(headers['x-ms-date'] ?? '')
  const at = httpDate(date)
  if (at === undefined)
    throw refused('InvalidAuthorization', 'x-ms-date is missing or is no date as RFC 1123 writes it')
  if (Math.abs(now - at) > DATE_MS_MAX)
    throw refused('InvalidAuthorization', 'x-ms-date is more than 15 minutes away from the time here')
  const length = headers['content-length']
  if (length === undefined) throw new Refusal(['LengthRequired', 411], 'send Content-Length; it is signed')
  const signed = { length: Number(length), contentType: headers['content-type']!, date }
  if (!isSigned(keys, presented.signature, signed))
    throw refused('InvalidAuthorization', 'the signature was not made with a key of this workspace')
}

function tableOf({ headers }: FastifyRequest, { logTypes, dataset }: CollectorSettings): Table {
  const logType = String(headers['log-type'] ?? '').trim()
  if (logType === '') throw refused('MissingLogType', 'send Log-Type: <name of the log>')
  if (!/^\w{1,100}$/.test(logType))
    throw refused('InvalidLogType', 'Log-Type takes up to 100 letters, digits and underscores')
  return {
    logType,
    dataset: Object.hasOwn(logTypes, logType) ? logTypes[logType]! : dataset,
    resourceId: String(headers['x-ms-azureresourceid'] ?? '').trim(),
    // Scripts send it empty where they name no field.
    timeField: String(headers['time-generated-field'] ?? '').trim(),
  }
}

/** The columns that a workspace adds to each row. */
function membersFor(table: Table, now: number): (record: JsonObject) => JsonObject {
  const { logType, resourceId, timeField } = table
  return (record) => {
    const time = timeField === '' ? undefined : timeOf(record[timeField], now)
    return {
      ...(time !== undefined && { TimeGenerated: time }),
      ...(resourceId !== '' && { _ResourceId: resourceId }),
      Type: `${logType}_CL`,
    }
  }
}

/** The time as its sender wrote it; `undefined` for what is no time, and then the record's other times count. */
function timeOf(value: JsonObject[string], now: number): JsonObject[string] {
  const time = parseTime(value)
  if (time === undefined) return undefined
  return time - now > AHEAD_MS_MAX ? new Date(now).toISOString() : value
}

function refused(code: keyof typeof CODES, message: string): Refusal {
  return new Refusal([code, CODES[code]], message)
}

/** What is refused in our own words, as the API says it. */
const OWN: Readonly<Record<string, readonly [code: string, status: number]>> = {
  BAD_REQUEST: ['InvalidDataFormat', 400],
  WRONG_TYPE: ['UnsupportedContentType', 400],
  TOO_LARGE: ['RequestTooLarge', 404],
  TOO_SLOW: ['RequestTimeout', 408],
  BUSY: ['TooManyRequests', 429],
  INTERNAL: ['UnspecifiedError', 500],
  NOT_RUNNING: ['ServiceUnavailable', 503],
}

const wording: Wording = ({ code, status, message }) => {
  const [name, said] = OWN[code] ?? [code, status]
  return { status: said, body: { Error: name, Message: message } }
}
