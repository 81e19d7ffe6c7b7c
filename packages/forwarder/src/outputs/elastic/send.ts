import { backoffMs, WeirError } from '@weir/runtime'
import { elasticLines } from '../../formats/elastic.ts'
import type { Refusal } from '../../spool/entry.ts'
import { type PartRefused, sendDivided } from '../bisect.ts'
import type { HttpAnswer } from '../http.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import { partsOf } from '../parts.ts'
import { SetupRefused } from '../refused.ts'
import { createElasticClient, type ElasticClient, type ItemReply, itemsOf } from './client.ts'
import type { ElasticConfig } from './config.ts'
import { type ItemVerdict, itemVerdictOf, verdictOf } from './retry.ts'

/** Elasticsearch and OpenSearch, by `_bulk`; what counts is that the document is in the receiver's own log. */
export function createElasticOutput(config: ElasticConfig, tools: OutputTools): Output {
  const client = createElasticClient(config, tools.limits.connectMs)
  const kind = config.index === undefined ? 'data-stream' : 'index'
  return {
    name: config.name,
    inDoubt: 0,
    encode: (alert) => elasticLines(alert, kind),
    send: async (messages, signal) => {
      const sending: Sending = { name: config.name, client, tools, signal, refused: [] }
      for (const part of partsOf(messages, tools.limits.elasticBytesMax)) {
        const tooLarge = await sendDivided(part, (piece) => sendPart(sending, piece))
        sending.refused.push(...tooLarge)
      }
      return sending.refused
    },
    close: () => client.close(),
  }
}

interface Sending {
  readonly name: string
  readonly client: ElasticClient
  readonly tools: OutputTools
  readonly signal: AbortSignal
  readonly refused: Refusal[]
}

/** Sends a part until each of its documents is there or refused; those that are put off, again by themselves. */
async function sendPart(sending: Sending, part: readonly Message[]): Promise<PartRefused | undefined> {
  const { name, tools } = sending
  let waiting = part
  for (let tries = 1; ; tries++) {
    const answer = await sending.client.bulk(Buffer.concat(waiting.map(({ bytes }) => bytes)), sending.signal)
    const whole = judge(sending, answer)
    if (whole !== undefined) return whole
    const replies = itemsOf(answer, waiting.length, name)
    waiting = settle(sending, waiting, replies)
    if (waiting.length === 0) return undefined
    if (tries >= tools.limits.elasticTriesMax || sending.signal.aborted)
      throw new WeirError(
        'OUTPUT_FAILED',
        `output ${name} puts off ${waiting.length} documents: ${said(replies)}`,
      )
    await tools.clock.sleep(backoffMs(tools.limits.outputRetryMs, tries, tools.random()), sending.signal)
  }
}

/** Nothing when the answer has a status for each document. */
function judge({ name }: Sending, answer: HttpAnswer): PartRefused | undefined {
  const verdict = verdictOf(answer.status)
  switch (verdict) {
    case 'items':
      return undefined
    case 'divide':
      return { reason: 'HTTP 413, too large' }
    case 'setup':
      throw new SetupRefused(`output ${name} refuses its set-up: ${summary(answer)}`)
    case 'later':
      throw new WeirError('OUTPUT_FAILED', `output ${name} is not ready: ${summary(answer)}`)
    default:
      return verdict satisfies never
  }
}

interface Judged {
  readonly message: Message
  readonly reply: ItemReply
  readonly verdict: ItemVerdict
}

/** Sets aside what will never be taken, and returns what is to be sent again. */
function settle(sending: Sending, sent: readonly Message[], replies: readonly ItemReply[]): Message[] {
  const all = sent.map((message, i): Judged => {
    const reply = replies[i]!
    return { message, reply, verdict: itemVerdictOf(reply.status, reply.error?.type) }
  })
  const of = (verdict: ItemVerdict) => all.filter((each) => each.verdict === verdict)
  const setup = of('setup')[0] ?? (wellSetUp(all) ? undefined : of('doubtful')[0])
  if (setup !== undefined)
    throw new SetupRefused(`output ${sending.name} refuses its set-up: ${saidOf(setup.reply)}`)
  for (const { message, reply } of [...of('refused'), ...of('doubtful')])
    sending.refused.push({ entry: message.entry, reason: saidOf(reply) })
  sending.tools.report.count('output_had_already', { output: sending.name }, of('had').length)
  return of('later').map(({ message }) => message)
}

/** Something went the way that all of it should. */
function wellSetUp(all: readonly Judged[]): boolean {
  return all.some(({ verdict }) => verdict === 'taken' || verdict === 'had')
}

/** The first thing that was said against any of them. */
function said(replies: readonly ItemReply[]): string {
  const failed = replies.find(({ status }) => status >= 400 && status !== 409)
  return failed === undefined ? '' : saidOf(failed)
}

function saidOf({ status, error }: ItemReply): string {
  const reason = cut(error?.reason ?? '')
  return [`HTTP ${status}`, error?.type, reason]
    .filter((each) => each !== undefined && each !== '')
    .join(', ')
}

function summary({ status, text }: HttpAnswer): string {
  return text === '' ? `HTTP ${status}` : `HTTP ${status}, ${cut(text)}`
}

/** A reason may quote the whole document. */
const REASON_CHARACTERS_MAX = 300

function cut(text: string): string {
  return text.slice(0, REASON_CHARACTERS_MAX)
}
