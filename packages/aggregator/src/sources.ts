import { Readable } from 'node:stream'
import {
  BLOB_BOUNDS,
  type BlobConfig,
  blobSource,
  EVENT_HUBS_BOUNDS,
  type EventHubsConfig,
  eventHubsSource,
  FILE_BOUNDS,
  fileSource,
  type SourceDeps,
} from '@weir/ingest'
import type { EventSource } from '@weir/model'
import type { SourceConfig } from './config.ts'

/** The source that a configuration describes; nothing is connected yet. */
export function sourceOf(config: SourceConfig, deps: SourceDeps): EventSource {
  switch (config.type) {
    case 'event-hubs':
      return eventHubsSource(eventHubsSettings(config), deps)
    case 'blobs':
      return blobSource(blobSettings(config), deps)
    case 'files':
      // A service has no standard input to read records from.
      return fileSource(
        { ...FILE_BOUNDS, name: config.name, inputs: config.inputs },
        { ...deps, stdin: Readable.from([]) },
      )
    default:
      return config satisfies never
  }
}

/** The settings of an Event Hubs source, with the defaults of what the configuration leaves out. */
export function eventHubsSettings(config: Extract<SourceConfig, { type: 'event-hubs' }>): EventHubsConfig {
  const { type: _, statusEvery, bytesInFlightMax, ...rest } = config
  return { ...EVENT_HUBS_BOUNDS, ...rest, ...defined({ statusMs: statusEvery, bytesInFlightMax }) }
}

/** The settings of a blob source, with the defaults of what the configuration leaves out. */
export function blobSettings(config: Extract<SourceConfig, { type: 'blobs' }>): BlobConfig {
  const { type: _, pollEvery, recheckEvery, discoverEvery, hoursFirst, hoursBack, ...rest } = config
  const given = defined({
    pollMs: pollEvery,
    recheckMs: recheckEvery,
    discoverMs: discoverEvery,
    hoursFirst,
    hoursBack,
  })
  return { ...BLOB_BOUNDS, ...rest, ...given }
}

/** Without the members that are undefined, so that a default is not overwritten by nothing. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
