import type { AlertV1 } from '@weir/contract'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { list } from '../listing.ts'
import type { Output } from '../output.ts'

interface ListOptions extends ConnectionOptions {
  readonly severity?: string
  readonly rule?: string
  readonly kind?: 'detection' | 'health'
  readonly status?: 'open' | 'closed' | 'merged'
  readonly entity?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly json?: boolean
}

export function listAlerts(
  options: ListOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  const { severity, rule, kind, status, entity, from, to } = options
  return withClient(options, environment, (client) =>
    list(
      {
        pages: (limit) => client.alerts({ severity, rule, kind, status, entity, from, to, limit }),
        lineOf,
        nothing: 'no alert fits',
      },
      options,
      output,
    ),
  )
}

function lineOf({ weir: { alert }, rule, message }: AlertV1): string {
  const about = alert.kind === 'health' ? 'health' : alert.severity
  return `${alert.last}  ${about.padEnd(13)}  ${alert.status.padEnd(6)}  ${alert.id}  ${rule.id}  ${message}`
}
