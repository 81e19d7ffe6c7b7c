import { logsIngestionRow } from '../../formats/logs-ingestion-row.ts'
import type { Refusal } from '../../spool/entry.ts'
import { type PartRefused, sendDivided } from '../bisect.ts'
import { type HttpAnswer, jsonOf, retryAfterMs } from '../http.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import { partsOf } from '../parts.ts'
import { NotYet, SetupRefused } from '../refused.ts'
import { createLogsIngestionClient, type LogsIngestionClient } from './client.ts'
import type { LogsIngestionConfig } from './config.ts'
import { verdictOf } from './retry.ts'

/** Azure Monitor's Logs Ingestion API: rows of a table, taken when the service has answered 204. */
export function createLogsIngestionOutput(config: LogsIngestionConfig, tools: OutputTools): Output {
  const client = createLogsIngestionClient(config, tools.limits.connectMs)
  const luck = { refusedInARow: 0, said: '' }
  return {
    name: config.name,
    inDoubt: 0,
    encode: (alert) => Buffer.from(JSON.stringify(logsIngestionRow(alert, config.format)), 'utf8'),
    send: async (messages, signal) => {
      const sending: Sending = { config, client, tools, signal, luck, takenAny: false }
      const refused: Refusal[] = []
      for (const part of partsOf(messages, tools.limits.logsIngestionBytesMax))
        refused.push(...(await sendDivided(part, (piece) => sendPart(sending, piece))))
      if (isAllRefused(sending, tools.limits.logsIngestionRefusedMax)) throw allRefused(sending)
      return refused
    },
    close: () => client.close(),
  }
}

interface Sending {
  readonly config: LogsIngestionConfig
  readonly client: LogsIngestionClient
  readonly tools: OutputTools
  readonly signal: AbortSignal
  /** Over all batches: rows that were refused since one was taken. */
  readonly luck: { refusedInARow: number; said: string }
  /** Of this batch. */
  takenAny: boolean
}

async function sendPart(sending: Sending, part: readonly Message[]): Promise<PartRefused | undefined> {
  const { config, client, tools, signal, luck } = sending
  const answer = await client.post(listOf(part), signal)
  const verdict = verdictOf(answer.status)
  switch (verdict) {
    case 'taken':
      luck.refusedInARow = 0
      sending.takenAny = true
      return undefined
    case 'bad':
      if (part.length === 1) countRefusal(sending, answer)
      return { reason: said(answer) }
    case 'setup':
      throw new SetupRefused(`output ${config.name} refuses its set-up: ${said(answer)}`)
    case 'later': {
      const afterMs = retryAfterMs(answer.headers['retry-after'], tools.clock.now())
      throw new NotYet(`output ${config.name} is not ready: ${said(answer)}`, afterMs)
    }
    default:
      return verdict satisfies never
  }
}

/** Others of the batch may be taken yet, so it is not given up at the bound but at twice as many. */
function countRefusal(sending: Sending, answer: HttpAnswer): void {
  const { luck, tools } = sending
  luck.refusedInARow++
  luck.said = said(answer)
  if (isAllRefused(sending, 2 * tools.limits.logsIngestionRefusedMax)) throw allRefused(sending)
}

/** Never once a row of the batch was taken: it would be sent again, and again, with those that are refused. */
function isAllRefused({ luck, takenAny }: Sending, inARowMax: number): boolean {
  return !takenAny && luck.refusedInARow > inARowMax
}

/** The service says 400 to a wrong rule or version, too: when every row is refused, it is not the rows. */
function allRefused({ config, luck, tools }: Sending): SetupRefused {
  luck.refusedInARow = tools.limits.logsIngestionRefusedMax
  const doing = `output ${config.name} has refused ${luck.refusedInARow} alerts and more, and taken none since`
  return new SetupRefused(`${doing}; are endpoint, rule and stream right? ${luck.said}`)
}

function listOf(part: readonly Message[]): Buffer {
  const rows = part.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [COMMA, bytes]))
  return Buffer.concat([OPEN, ...rows, CLOSE])
}

const OPEN = Buffer.from('[')
const COMMA = Buffer.from(',')
const CLOSE = Buffer.from(']')

/** Characters of an answer that are told: enough for the sentence in it. */
const SAID_CHARACTERS_MAX = 300

function said(answer: HttpAnswer): string {
  const error = (jsonOf(answer) as { readonly error?: { readonly message?: unknown } } | undefined)?.error
  const words = typeof error?.message === 'string' ? error.message : answer.text
  const plain = words.slice(0, SAID_CHARACTERS_MAX).replaceAll(/[\s\p{Cc}]+/gu, ' ')
  return `HTTP ${answer.status}${plain === '' ? '' : `, ${plain}`}`
}
