import type { AuditReply, Client } from '@weir/contract'
import { withClient } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { Output } from './output.ts'
import { printable } from './printable.ts'

interface ListOptions extends ConnectionOptions {
  readonly limit: number
  readonly json?: boolean
}

type Item = AuditReply['items'][number]

/** Requests that one page asks for; the API gives no more at a time. */
const PAGE_REQUESTS_MAX = 1000

export function listAudit(
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
    if (count === 0) output.note('nobody has asked for evidence')
    if (count === options.limit) output.note(`${count} shown; there may be more: raise --limit`)
  })
}

async function* itemsOf(client: Client, limit: number): AsyncGenerator<Item> {
  for await (const page of client.audit({ limit: Math.min(limit, PAGE_REQUESTS_MAX) })) yield* page.items
}

function lineOf({ at, caller, role, remote, alert, outcome, records, recordBytes, sentBytes }: Item): string {
  const what = `${records} records, ${recordBytes} bytes, ${sentBytes} sent`
  return printable(`${at}  ${caller} (${role}) from ${remote}  alert ${alert}  ${outcome}: ${what}`)
}
