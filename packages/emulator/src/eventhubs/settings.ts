import { parseArgs } from 'node:util'
import { isObject } from '@weir/model'
import { PORT_MAX, wholeNumber } from '../whole-number.ts'
import { HUB_PARTITIONS_MAX, type HubSpec } from './hubs.ts'
import type { EventHubsOptions } from './start.ts'

/**
 * Reads the emulator's options from its arguments: one JSON object, or
 * `--port N --data FILE --hub NAME:PARTITIONS ... --control N --trust-enqueued-at`.
 * Throws on what it cannot read.
 */
export function readSettings(args: readonly string[]): EventHubsOptions {
  const [first] = args
  if (first?.startsWith('{')) return fromJson(first)
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '0' },
      data: { type: 'string' },
      hub: { type: 'string', multiple: true, default: [] },
      control: { type: 'string', default: '0' },
      'trust-enqueued-at': { type: 'boolean', default: false },
    },
  })
  if (values.data === undefined) throw new Error('--data FILE: the SQLite file is wanted')
  if (values.hub.length === 0) throw new Error('--hub NAME:PARTITIONS: at least one hub is wanted')
  return {
    port: wholeNumber('--port', values.port, PORT_MAX),
    file: values.data,
    hubs: values.hub.map(readHub),
    controlPort: wholeNumber('--control', values.control, PORT_MAX),
    trustEnqueuedAt: values['trust-enqueued-at'],
  }
}

function fromJson(text: string): EventHubsOptions {
  const value: unknown = JSON.parse(text)
  if (isObject(value) && typeof value['file'] === 'string' && Array.isArray(value['hubs']))
    return value as unknown as EventHubsOptions
  throw new Error('{…}: `file`, the SQLite file, and `hubs`, a list of name and partitions, are wanted')
}

function readHub(text: string): HubSpec {
  const [name, partitions] = text.split(':')
  if (!name || !partitions) throw new Error(`--hub ${text}: NAME:PARTITIONS is wanted`)
  return { name, partitions: wholeNumber('--hub', partitions, HUB_PARTITIONS_MAX, 1) }
}
