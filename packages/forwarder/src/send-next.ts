import type { AlertLine } from '@weir/contract'
import { messageOf } from '@weir/runtime'
import { choose, type Knowledge } from './choose.ts'
import type { Flight, Sending } from './flight.ts'
import type { Limits } from './limits.ts'
import type { Message, Output } from './outputs/output.ts'
import type { Shape } from './shape/shape.ts'
import { alertKey, type Entry, type Refusal } from './spool/entry.ts'
import type { Batch, Outcome, Spool } from './spool/spool.ts'

export interface SendParts {
  readonly spool: Spool
  readonly output: Output
  readonly shape: Shape
  readonly limits: Limits
}

/**
 * Sends the next batch on its way; false when there is none. What fell in doubt goes with it, or alone once
 * nothing else is under way.
 */
export function sendNext(parts: SendParts, flight: Flight, signal: AbortSignal): boolean {
  const { spool, output, limits } = parts
  const entriesMax = output.batchEntriesMax ?? limits.batchEntriesMax
  const batch = spool.next(output.name, entriesMax, limits.batchBytesMax, flight.ahead)
  if (batch !== undefined) flight.add(sendBatch(parts, batch, flight, signal))
  else if (output.inDoubt > 0 && flight.size === 0)
    flight.add({ sent: [], filtered: 0, done: sendMessages(output, [], [], signal) })
  else return false
  return true
}

function sendBatch(parts: SendParts, batch: Batch, flight: Flight, signal: AbortSignal): Sending {
  const { output } = parts
  const known = knowledgeOf(parts, flight)
  const wanted = choose(batch.entries, known, output.revisions)
  const { messages, refused, filtered } = encode(parts, wanted, known)
  const done = sendMessages(output, messages, refused, signal)
  return { batch, sent: messages.map(({ entry }) => entry), filtered, done }
}

/** What is on its way counts as acknowledged: should it fail, what was left out for it is read again. */
function knowledgeOf({ spool, output }: SendParts, flight: Flight): Knowledge {
  return {
    acknowledged: (entry) => flight.carries(entry) ?? spool.memory.last(output.name, entry),
    newerWaits: (entry) => spool.newerWaits(output.name, entry),
  }
}

/** What does not pass the filter is left out, except of an alert that the output has: it is told how that goes on. */
function encode({ output, shape }: SendParts, entries: readonly Entry[], known: Knowledge) {
  const messages: Message[] = []
  const refused: Refusal[] = []
  let filtered = 0
  const going = new Set<string>()
  const has = (entry: Entry): boolean => going.has(alertKey(entry)) || known.acknowledged(entry) !== undefined
  for (const entry of entries) {
    try {
      const { alert } = JSON.parse(entry.line.toString('utf8')) as AlertLine
      if (shape.passes(alert) || has(entry)) {
        messages.push({ entry, bytes: output.encode(shape.of(alert)) })
        going.add(alertKey(entry))
      } else filtered++
    } catch (error) {
      refused.push({ entry, reason: messageOf(error) })
    }
  }
  return { messages, refused, filtered }
}

async function sendMessages(
  output: Output,
  messages: readonly Message[],
  refusedHere: readonly Refusal[],
  signal: AbortSignal,
): Promise<Outcome> {
  const idle = messages.length === 0 && output.inDoubt === 0
  const refused = [...refusedHere, ...(idle ? [] : await output.send(messages, signal))]
  const not = new Set(refused.map(({ entry }) => entry))
  return { acknowledged: messages.map(({ entry }) => entry).filter((entry) => !not.has(entry)), refused }
}
