import type { RuleSet } from '@weir/engine'
import type { LineState, RawBatch, RawMessage } from '@weir/model'
import { classify, unwrap } from '@weir/normalize'
import { Pipeline, type Step } from './pipeline.ts'
import type { LineSettings } from './settings.ts'

/** One input of a replay: a file, or a folder's file. */
export interface ReplayInput {
  readonly name: string
  readonly messages: AsyncIterator<RawMessage>
}

/** State of a line that begins with nothing. */
export const FRESH: LineState = {
  cursors: new Map(),
  clocks: [],
  correlation: { members: [], episodes: [], sightings: [] },
  health: [],
  rhythms: [],
}

interface Ahead {
  readonly input: ReplayInput
  readonly message: RawMessage
  readonly time: number
}

const SOURCE = 'replay'

/**
 * Runs the whole line over inputs that end: merged by the time of their next event, with event time for a clock,
 * and the watermark at infinity after the last. Yields what each round would commit.
 */
export async function* replay(
  settings: LineSettings,
  rules: RuleSet,
  inputs: readonly ReplayInput[],
): AsyncGenerator<Step> {
  const pipeline = new Pipeline(
    { ...settings, skewMs: Number.POSITIVE_INFINITY, arrivalKnown: false },
    rules,
    FRESH,
  )
  pipeline.announce({ kind: 'partitions', source: SOURCE, partitions: inputs.map((input) => input.name) })
  const waiting: Ahead[] = []
  for (const input of inputs) await look(pipeline, waiting, input)
  let now = 0
  while (waiting.length > 0) {
    const { input, message, time } = takeEarliest(waiting)
    now = Math.max(now, time)
    yield await pipeline.process([batchOf(input, message)], [], now)
    await look(pipeline, waiting, input)
  }
  yield pipeline.finish(now)
}

/** Looks at the input's next message, so that the earliest of all can go first. */
async function look(pipeline: Pipeline, waiting: Ahead[], input: ReplayInput): Promise<void> {
  const next = await input.messages.next()
  if (next.done === true) {
    const partition = input.name
    pipeline.stand({
      kind: 'state',
      source: SOURCE,
      partition,
      state: 'caught-up',
      now: Number.MAX_SAFE_INTEGER,
    })
    return
  }
  waiting.push({ input, message: next.value, time: firstTime(next.value) })
}

/** Event time of the message's first record; 0 when it tells none, so that it goes first. */
function firstTime(message: RawMessage): number {
  const record = unwrap(message.bytes, message.format).records[0]
  return record === undefined ? 0 : (classify(record, message.dataset).time(record) ?? 0)
}

function takeEarliest(waiting: Ahead[]): Ahead {
  let earliest = 0
  for (let index = 1; index < waiting.length; index++)
    if (waiting[index]!.time < waiting[earliest]!.time) earliest = index
  return waiting.splice(earliest, 1)[0]!
}

function batchOf(input: ReplayInput, message: RawMessage): RawBatch {
  return { kind: 'batch', source: SOURCE, partition: input.name, messages: [message], cursors: [] }
}
