import type { AlertV1, Client } from '@weir/contract'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
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

/** Alerts that one page asks for; the API gives no more at a time. */
const PAGE_ALERTS_MAX = 1000

export function listAlerts(
  options: ListOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  return withClient(options, environment, async (client) => {
    let count = 0
    for await (const alert of alertsOf(client, options)) {
      if (options.json === true) output.json(alert)
      else output.line(lineOf(alert))
      await output.ready()
      if (++count === options.limit) break
    }
    if (count === 0) output.note('no alert fits')
    if (count === options.limit) output.note(`${count} shown; there may be more: raise --limit`)
  })
}

async function* alertsOf(client: Client, options: ListOptions): AsyncGenerator<AlertV1> {
  const { severity, rule, kind, status, entity, from, to } = options
  const limit = Math.min(options.limit, PAGE_ALERTS_MAX)
  for await (const page of client.alerts({ severity, rule, kind, status, entity, from, to, limit }))
    yield* page.items
}

function lineOf({ weir: { alert }, rule, message }: AlertV1): string {
  const about = alert.kind === 'health' ? 'health' : alert.severity
  return `${alert.last}  ${about.padEnd(13)}  ${alert.status.padEnd(6)}  ${alert.id}  ${rule.id}  ${message}`
}
