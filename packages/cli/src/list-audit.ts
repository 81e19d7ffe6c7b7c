import type { AuditReply } from '@weir/contract'
import { withClient } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { list } from './listing.ts'
import type { Output } from './output.ts'
import { printable } from './printable.ts'

interface ListOptions extends ConnectionOptions {
  readonly limit: number
  readonly json?: boolean
}

type Item = AuditReply['items'][number]

export function listAudit(
  options: ListOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  return withClient(options, environment, (client) =>
    list(
      { pages: (limit) => client.audit({ limit }), lineOf, nothing: 'nobody has asked for evidence' },
      options,
      output,
    ),
  )
}

function lineOf({ at, caller, role, remote, alert, outcome, records, recordBytes, sentBytes }: Item): string {
  const what = `${records} records, ${recordBytes} bytes, ${sentBytes} sent`
  return printable(`${at}  ${caller} (${role}) from ${remote}  alert ${alert}  ${outcome}: ${what}`)
}
