import { logsIngestionRow } from '../../formats/logs-ingestion-row.ts'
import type { Refusal } from '../../spool/entry.ts'
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
  const luck = { refusedInARow: 0 }
  return {
    name: config.name,
    inDoubt: 0,
    encode: (alert) => Buffer.from(JSON.stringify(logsIngestionRow(alert, config.format)), 'utf8'),
    send: async (messages, signal) => {
      const sending: Sending = { config, client, tools, signal, luck, refused: [] }
      for (const part of partsOf(messages, tools.limits.logsIngestionBytesMax)) await sendPart(sending, part)
      return sending.refused
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
  readonly luck: { refusedInARow: number }
  readonly refused: Refusal[]
}

/** Sends a part; one that holds a bad row is halved until that row stands alone. */
async function sendPart(sending: Sending, part: readonly Message[]): Promise<void> {
  const { config, client, tools, signal, luck } = sending
  const answer = await client.post(listOf(part), signal)
  const verdict = verdictOf(answer.status)
  switch (verdict) {
    case 'taken':
      luck.refusedInARow = 0
      return
    case 'bad':
      return refusePart(sending, part, answer)
    case 'setup':
      throw new SetupRefused(`output ${config.name} refuses its set-up: ${said(answer)}`)
    case 'later': {
      const afterMs = retryAfterMs(answer.headers['retry-after'], tools.clock.now())
      throw new NotYet(`output ${config.name} is not ready: ${said(answer)}`, afterMs)
    }
    default:
      verdict satisfies never
  }
}

async function refusePart(sending: Sending, part: readonly Message[], answer: HttpAnswer): Promise<void> {
  const [only] = part
  if (part.length === 1 && only !== undefined) return refuseOne(sending, only, answer)
  const half = Math.ceil(part.length / 2)
  await sendPart(sending, part.slice(0, half))
  await sendPart(sending, part.slice(half))
}

/** The service says 400 to a wrong rule or version, too: when every row is refused, it is not the rows. */
function refuseOne({ config, tools, luck, refused }: Sending, { entry }: Message, answer: HttpAnswer): void {
  if (luck.refusedInARow >= tools.limits.logsIngestionRefusedMax) {
    const doing = `output ${config.name} has refused ${luck.refusedInARow} alerts and taken none since`
    throw new SetupRefused(`${doing}; are endpoint, rule and stream right? ${said(answer)}`)
  }
  luck.refusedInARow++
  refused.push({ entry, reason: said(answer) })
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
