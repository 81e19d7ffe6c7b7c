import type { AlertV1 } from '@weir/contract'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import type { Output } from '../output.ts'

interface ShowOptions extends ConnectionOptions {
  readonly json?: boolean
}

export function showAlert(
  id: string,
  options: ShowOptions,
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  return withClient(options, environment, async (client) => {
    const alert = await client.alert(id)
    if (options.json === true) output.json(alert)
    else for (const line of linesOf(alert)) output.line(line)
  })
}

function linesOf({ weir, rule, message, related, threat, tags }: AlertV1): string[] {
  const { alert, remedy } = weir
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['alert', `${alert.id}, revision ${alert.revision}`],
    ['rule', `${rule.id} (${rule.name})`],
    ['severity', `${alert.severity} ${alert.kind}`],
    ['status', alert.merged_into === undefined ? alert.status : `merged into ${alert.merged_into}`],
    ['time', alert.first === alert.last ? alert.last : `${alert.first} to ${alert.last}`],
    ['events', `${alert.count}`],
    ['group', textOf(alert.group)],
    ['related', textOf(related)],
    ['attack', textOf(threat)],
    ['tags', tags?.join(', ')],
    ['why', rule.description],
    ['remedy', remedy],
  ]
  const told = rows.filter(([, value]) => value !== undefined && value !== '')
  const events = alert.events.map(({ time, dataset, id }) => `  ${time}  ${dataset}  ${id}`)
  const rest = alert.count - events.length
  return [
    message,
    '',
    ...told.map(([name, value]) => `${name.padEnd(9)} ${value}`),
    ...(events.length === 0 ? [] : ['', ...events]),
    ...(rest > 0 ? [`  and ${rest} more: weir alerts evidence ${alert.id}`] : []),
  ]
}

function textOf(object: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (object === undefined) return undefined
  return Object.entries(object)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('  ')
}
