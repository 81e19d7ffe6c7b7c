import type { QuarantineReply } from '@weir/contract'
import { withClient } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { list } from './listing.ts'
import type { Output } from './output.ts'
import { printable } from './printable.ts'

interface ListOptions extends ConnectionOptions {
  readonly limit: number
  readonly json?: boolean
}

type Item = QuarantineReply['items'][number]

/** Bytes of a record shown on its line; the rest is left to `--json`. */
const SHOWN_BYTES_MAX = 120

export function listQuarantine(
  options: ListOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  return withClient(options, environment, (client) =>
    list(
      { pages: (limit) => client.quarantine({ limit }), lineOf, nothing: 'quarantine is empty' },
      options,
      output,
    ),
  )
}

function lineOf({ position: { source, partition, at, index }, reason, bytes: base64 }: Item): string {
  const bytes = Buffer.from(base64, 'base64')
  const shown = bytes.subarray(0, SHOWN_BYTES_MAX).toString('utf8')
  const place = `${source}  ${partition}@${at} record ${index}`
  return printable(`${place}  ${reason}  ${bytes.byteLength} bytes: ${shown}`)
}
