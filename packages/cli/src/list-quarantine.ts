import type { Client, QuarantineReply } from '@weir/contract'
import { withClient } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { Output } from './output.ts'
import { printable } from './printable.ts'

interface ListOptions extends ConnectionOptions {
  readonly limit: number
  readonly json?: boolean
}

type Item = QuarantineReply['items'][number]

/** Records that one page asks for; the API gives no more at a time. */
const PAGE_RECORDS_MAX = 1000
/** Bytes of a record shown on its line; the rest is left to `--json`. */
const SHOWN_BYTES_MAX = 120

export function listQuarantine(
  options: ListOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  return withClient(options, environment, async (client) => {
    let count = 0
    for await (const item of itemsOf(client, options.limit)) {
      if (options.json === true) output.json(item)
      else output.line(lineOf(item))
      await output.ready()
      if (++count === options.limit) break
    }
    if (count === 0) output.note('quarantine is empty')
    if (count === options.limit) output.note(`${count} shown; there may be more: raise --limit`)
  })
}

async function* itemsOf(client: Client, limit: number): AsyncGenerator<Item> {
  for await (const page of client.quarantine({ limit: Math.min(limit, PAGE_RECORDS_MAX) })) yield* page.items
}

function lineOf({ position: { source, partition, at, index }, reason, bytes: base64 }: Item): string {
  const bytes = Buffer.from(base64, 'base64')
  const shown = bytes.subarray(0, SHOWN_BYTES_MAX).toString('utf8')
  const place = `${source}  ${partition}@${at} record ${index}`
  return printable(`${place}  ${reason}  ${bytes.byteLength} bytes: ${shown}`)
}
