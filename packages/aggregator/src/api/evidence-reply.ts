import { pipeline, type Readable, Transform } from 'node:stream'
import type { EvidenceLine } from '@weir/contract'
import type { FastifyReply } from 'fastify'
import type { ApiContext } from './context.ts'
import { evidenceLines } from './evidence-lines.ts'

/** What goes out in one reply, counted as it does. */
export interface Count {
  records: number
  recordBytes: number
  sentBytes: number
  failure?: unknown
}

/** The lines of an alert's evidence; what is not kept is fetched again until its time is over. */
export async function* linesOf(
  { store, status, clock, limits }: ApiContext,
  id: string,
  count: Count,
  over: AbortSignal,
): AsyncGenerator<string> {
  const late = new AbortController()
  void clock.sleep(limits.evidenceSecondsMax * 1000, over).then(() => late.abort())
  const refetch = status.refetch?.(late.signal)
  try {
    for await (const line of evidenceLines(store, id, refetch)) {
      add(count, line)
      yield `${JSON.stringify(line)}\n`
    }
  } catch (error) {
    count.failure = error
    throw error
  } finally {
    late.abort()
  }
}

/** Who takes nothing for twice the time that fetching may take holds a place that others wait for. */
export async function cutStalled(
  { clock, limits }: ApiContext,
  reply: FastifyReply,
  count: Count,
  over: AbortSignal,
): Promise<void> {
  for (let seen = -1; seen !== count.sentBytes; ) {
    seen = count.sentBytes
    await clock.sleep(2 * limits.evidenceSecondsMax * 1000, over)
    if (over.aborted) return
  }
  reply.raw.destroy()
}

/** The packed body, counted on its way to the socket. */
export function counted(body: Readable, count: Count): Readable {
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count.sentBytes += chunk.length
      done(null, chunk)
    },
  })
  // A failure destroys the meter with its cause, and so reaches whoever reads from it.
  pipeline(body, meter, () => undefined)
  return meter
}

function add(count: Count, { bytes }: EvidenceLine): void {
  if (bytes === undefined) return
  count.records += 1
  count.recordBytes += Buffer.byteLength(bytes, 'base64')
}
