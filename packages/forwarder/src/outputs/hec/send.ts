import { WeirError } from '@weir/runtime'
import { hecEvent } from '../../formats/hec.ts'
import type { Refusal } from '../../spool/entry.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import { partsOf } from '../parts.ts'
import { SetupRefused } from '../refused.ts'
import { createHecClient, type HecClient, type HecReply } from './client.ts'
import type { HecConfig } from './config.ts'
import { verdictOf } from './retry.ts'

/** Splunk's HTTP Event Collector; with `ack`, what counts is that the indexer has it. */
export function createHecOutput(config: HecConfig, tools: OutputTools): Output {
  const client = createHecClient(config, guid(tools.random), tools.limits.connectMs)
  return {
    name: config.name,
    inDoubt: 0,
    encode: (alert) => hecEvent(alert, config),
    send: async (messages, signal) => {
      const sending: Sending = { config, client, tools, signal, refused: [], acks: [] }
      for (const part of partsOf(messages, tools.limits.hecBytesMax)) await sendPart(sending, part)
      await awaitAcks(sending)
      return sending.refused
    },
    close: () => client.close(),
  }
}

interface Sending {
  readonly config: HecConfig
  readonly client: HecClient
  readonly tools: OutputTools
  readonly signal: AbortSignal
  readonly refused: Refusal[]
  readonly acks: number[]
}

/** Sends a part; one that holds a bad event is divided until that event stands alone. */
async function sendPart(sending: Sending, part: readonly Message[]): Promise<void> {
  const { config, client, signal } = sending
  if (part.length === 0) return
  const reply = await client.post(Buffer.concat(part.map(({ bytes }) => bytes)), signal)
  const verdict = verdictOf(reply.status, reply.code)
  switch (verdict) {
    case 'taken':
      return taken(sending, reply)
    case 'bad':
      return refusePart(sending, part, reply)
    case 'setup':
      throw new SetupRefused(`output ${config.name} refuses its set-up: ${said(reply)}`)
    case 'later':
      throw new WeirError('OUTPUT_FAILED', `output ${config.name} is not ready: ${said(reply)}`)
    default:
      verdict satisfies never
  }
}

function taken({ config, acks }: Sending, { ackId }: HecReply): void {
  if (!config.ack) return
  if (ackId === undefined)
    throw new SetupRefused(`output ${config.name} has "ack", but its token has no acknowledgement enabled`)
  acks.push(ackId)
}

async function refusePart(sending: Sending, part: readonly Message[], reply: HecReply): Promise<void> {
  const [only] = part
  if (part.length === 1 && only !== undefined) {
    sending.refused.push({ entry: only.entry, reason: said(reply) })
    return
  }
  for (const piece of divide(part, reply.invalidEvent)) await sendPart(sending, piece)
}

/**
 * Around the event that the collector names, else in halves. What stands before it may be there already,
 * and repeats.
 */
function divide(part: readonly Message[], invalid: number | undefined): (readonly Message[])[] {
  const named = invalid !== undefined && Number.isInteger(invalid) && invalid >= 0 && invalid < part.length
  const from = named ? invalid : Math.floor(part.length / 2)
  const to = named ? invalid + 1 : from
  return [part.slice(0, from), part.slice(from, to), part.slice(to)]
}

async function awaitAcks({ config, client, tools, signal, acks }: Sending): Promise<void> {
  const { clock, limits } = tools
  const until = clock.now() + limits.hecAckMs
  let missing = [...acks]
  while (missing.length > 0) {
    const come = new Set(await client.acknowledged(missing, signal))
    missing = missing.filter((id) => !come.has(id))
    if (missing.length === 0) return
    if (clock.now() >= until || signal.aborted)
      throw new WeirError(
        'OUTPUT_FAILED',
        `output ${config.name} has not acknowledged ${missing.length} request(s)`,
      )
    await clock.sleep(limits.hecAckPollMs, signal)
  }
}

function said({ status, text, code }: HecReply): string {
  return `HTTP ${status}${code === undefined ? '' : `, code ${code}`}${text === '' ? '' : `, ${text}`}`
}

/** A version 4 GUID from the given randomness. */
function guid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16))
  hex[12] = '4'
  hex[16] = (8 + Math.floor(random() * 4)).toString(16)
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
