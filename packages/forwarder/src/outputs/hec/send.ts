import { WeirError } from '@weir/runtime'
import { hecEvent } from '../../formats/hec.ts'
import type { Refusal } from '../../spool/entry.ts'
import { type PartRefused, sendDivided } from '../bisect.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import { partsOf } from '../parts.ts'
import { SetupRefused } from '../refused.ts'
import { awaitAcks } from './acks.ts'
import { Channels } from './channel.ts'
import type { HecClient, HecReply } from './client.ts'
import type { HecConfig } from './config.ts'
import { verdictOf } from './retry.ts'
import { said } from './said.ts'

/** Splunk's HTTP Event Collector; with `ack`, what counts is that the indexer has it. */
export function createHecOutput(config: HecConfig, tools: OutputTools): Output {
  const channels = new Channels(config, tools)
  return {
    name: config.name,
    inDoubt: 0,
    sendsMax: config.ack ? tools.limits.hecAckSendsMax : 1,
    encode: (alert) => hecEvent(alert, config),
    send: (messages, signal) => send({ config, channels, tools, signal, acks: new Map() }, messages),
    close: () => channels.close(),
  }
}

interface Sending {
  readonly config: HecConfig
  readonly channels: Channels
  readonly tools: OutputTools
  readonly signal: AbortSignal
  /** Numbers of the acknowledgements that are to come, by their channel. */
  readonly acks: Map<HecClient, number[]>
}

async function send(sending: Sending, messages: readonly Message[]): Promise<readonly Refusal[]> {
  const { config, tools, signal, acks } = sending
  const refused: Refusal[] = []
  for (const part of partsOf(messages, tools.limits.hecBytesMax))
    refused.push(...(await sendDivided(part, (piece) => sendPart(sending, piece))))
  for (const [client, ids] of acks) await awaitAcks(ids, { name: config.name, client, tools, signal })
  return refused
}

/** What the collector took of a part before it stopped at a bad event may be there already, and repeats. */
async function sendPart(sending: Sending, part: readonly Message[]): Promise<PartRefused | undefined> {
  const { config, channels, signal } = sending
  const client = channels.current
  const reply = await client.post(Buffer.concat(part.map(({ bytes }) => bytes)), signal)
  const verdict = verdictOf(reply.status, reply.code)
  switch (verdict) {
    case 'taken':
      return taken(sending, client, reply)
    case 'bad':
      return { reason: said(reply), at: reply.invalidEvent }
    case 'setup':
      throw new SetupRefused(`output ${config.name} refuses its set-up: ${said(reply)}`)
    case 'later':
      throw new WeirError('OUTPUT_FAILED', `output ${config.name} is not ready: ${said(reply)}`)
    default:
      return verdict satisfies never
  }
}

function taken({ config, acks }: Sending, client: HecClient, { ackId }: HecReply): undefined {
  if (!config.ack) return
  if (ackId === undefined)
    throw new SetupRefused(`output ${config.name} has "ack", but its token has no acknowledgement enabled`)
  acks.set(client, [...(acks.get(client) ?? []), ackId])
}
