import { readAggregatorConfig } from '@weir/aggregator'
import { EVENT_HUBS_BOUNDS, sendToHub } from '@weir/ingest'
import { systemClock, WeirError } from '@weir/runtime'
import { outputOf } from '../output.ts'
import { makeCanary } from './new.ts'

interface PlantOptions {
  readonly config: string
  readonly source: string
  readonly hub?: string
  readonly json?: boolean
}

/** Sends a new canary to a hub that a source reads. Throws `WeirError` SOURCE_UNREACHABLE when the hub refuses. */
export async function plantCanary(options: PlantOptions, of: NodeJS.Process): Promise<void> {
  const { source, hub } = placeOf(options, of.env)
  const canary = makeCanary(`${source.name} ${hub}`)
  const config = { ...EVENT_HUBS_BOUNDS, ...source }
  await sendToHub(config, hub, Buffer.from(canary.record), systemClock)
  const output = outputOf(of)
  if (options.json === true) output.json({ id: canary.id, source: source.name, hub })
  else output.line(canary.id)
  output.note(`planted at hub ${hub}; now run weir canary wait ${canary.id}`)
  await output.flushed()
  // Cloud libraries keep timers for connections that nobody needs any more.
  of.exit()
}

function placeOf({ config, source, hub }: PlantOptions, environment: NodeJS.ProcessEnv) {
  const { sources } = readAggregatorConfig(config, environment)
  const hubs = sources.filter((each) => each.type === 'event-hubs')
  const found = hubs.find((each) => each.name === source)
  if (found === undefined) {
    const names = hubs.map((each) => each.name).join(', ') || 'none'
    const other = 'into other sources, put what `weir canary new` prints'
    throw new WeirError(
      'WRONG_USE',
      `"${source}" is no source of type event-hubs; there is ${names}; ${other}`,
    )
  }
  if (hub !== undefined && !found.hubs.includes(hub))
    throw new WeirError(
      'WRONG_USE',
      `source ${source} reads no hub "${hub}"; it reads ${found.hubs.join(', ')}`,
    )
  return { source: found, hub: hub ?? found.hubs[0]! }
}
