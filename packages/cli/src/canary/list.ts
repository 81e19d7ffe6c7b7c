import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { outputOf } from '../output.ts'
import { type Canary, hopeless, isDelivered } from './stages.ts'

interface ListOptions extends ConnectionOptions {
  readonly limit: number
  readonly json?: boolean
}

/** Canaries that one question asks for; the aggregator keeps no more. */
const CANARIES_MAX = 1_000

export function listCanaries(options: ListOptions, of: NodeJS.Process): Promise<void> {
  return withClient(options, of.env, async (client) => {
    const output = outputOf(of)
    const { items } = await client.canaries({ limit: Math.min(options.limit, CANARIES_MAX) })
    for (const each of items) {
      if (options.json === true) output.json(each)
      else output.line(lineOf(each))
    }
    if (items.length === 0) output.note('no canary has come')
  })
}

function lineOf(canary: Canary): string {
  const { id, source, planted } = canary
  return `${planted}  ${id}  ${source}  ${isDelivered(canary) ? deliveredIn(canary) : (hopeless(canary) ?? 'on its way')}`
}

function deliveredIn({ planted, forwarders }: Canary): string {
  const times = forwarders.flatMap(({ outputs }) =>
    outputs.map(({ acknowledged }) => Date.parse(acknowledged ?? '')),
  )
  return `acknowledged after ${((Math.max(...times.filter(Number.isFinite)) - Date.parse(planted)) / 1000).toFixed(3)} s`
}
