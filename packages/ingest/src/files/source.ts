import type { EventSource, RawMessage, SourceContext } from '@weir/model'
import { isObject } from '@weir/model'
import { ByteBudget } from '../byte-budget.ts'
import { filesOf, STDIN } from './inputs.ts'
import { type FileDeps, fileMessages } from './messages.ts'
import type { FileBounds } from './pieces.ts'
import { refetchFiles } from './refetch.ts'

export interface FileConfig extends FileBounds {
  readonly name: string
  /** Files and folders; `-` is standard input. */
  readonly inputs: readonly string[]
}

/**
 * Reads files once, one after the other; a partition is a file, and `run` resolves when all are delivered. A
 * file whose cursor says that it was read is not read again. Rejects with `WeirError` INPUT_UNREADABLE.
 */
export function fileSource(config: FileConfig, deps: FileDeps): EventSource {
  return {
    name: config.name,
    async run(context: SourceContext): Promise<void> {
      const partitions = [...new Set(await filesOf(config.inputs))]
      await context.deliver({ kind: 'partitions', source: config.name, partitions })
      const budget = new ByteBudget(config.bytesInFlightMax)
      for (const path of partitions) {
        if (context.signal.aborted) return
        await readFile(config, deps, context, budget, path)
      }
    },
    refetch: (signal) => (places) => refetchFiles(config, deps, places, signal),
  }
}

async function readFile(
  config: FileConfig,
  deps: FileDeps,
  context: SourceContext,
  budget: ByteBudget,
  path: string,
): Promise<void> {
  const read = readBefore(context.cursors.get(path))
  for await (const message of fileMessages(path, deps, config)) {
    if (context.signal.aborted) return
    const rest = behind(message, read)
    if (rest !== undefined) await deliver(config, context, budget, path, rest)
  }
  if (context.signal.aborted) return
  const now = deps.clock.now()
  await context.deliver({ kind: 'state', source: config.name, partition: path, state: 'caught-up', now })
}

async function deliver(
  config: FileConfig,
  context: SourceContext,
  budget: ByteBudget,
  path: string,
  message: RawMessage,
): Promise<void> {
  const bytes = message.bytes.length
  // An abort ends the wait by rejecting; the loop above sees the signal and leaves.
  const taken = await budget.take(bytes, context.signal).then(
    () => true,
    () => false,
  )
  if (!taken) return
  const value = JSON.stringify({ offset: Number(message.at) + bytes })
  let held = bytes
  await context.deliver({
    kind: 'batch',
    source: config.name,
    partition: path,
    messages: [message],
    cursors: path === STDIN ? [] : [{ source: config.name, key: path, value }],
    committed: () => {
      budget.give(held)
      held = 0
    },
  })
}

/** What of a message lies behind the bytes read before; `undefined` when nothing does. */
function behind(message: RawMessage, read: number): RawMessage | undefined {
  const offset = Number(message.at)
  if (offset >= read) return message
  if (offset + message.bytes.length <= read) return undefined
  return { ...message, bytes: message.bytes.subarray(read - offset), at: String(read) }
}

function readBefore(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const value: unknown = JSON.parse(cursor)
  return isObject(value) && typeof value['offset'] === 'number' ? value['offset'] : 0
}
