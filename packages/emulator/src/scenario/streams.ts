import { MINUTE_MS } from './times.ts'

/** One way from a service to us. */
export interface Stream {
  /** Delay that every record has, and the mean of what comes on top, milliseconds. */
  readonly delayMs: number
  readonly jitterMs: number
  /** The longest that a record may be held back beyond that; within the lateness of its datasets. */
  readonly heldBackMsMax: number
  /** A message is closed when it has been open for so long. */
  readonly openMsMax: number
}

const AZURE = { delayMs: 2 * MINUTE_MS, jitterMs: 90_000, openMsMax: 3 * MINUTE_MS }

/** Named after the hub that they come by, or the container. */
export const STREAMS = {
  entra: { ...AZURE, heldBackMsMax: 80 * MINUTE_MS },
  activity: { ...AZURE, heldBackMsMax: 15 * MINUTE_MS },
  platform: { ...AZURE, heldBackMsMax: 15 * MINUTE_MS },
  aws: { ...AZURE, delayMs: 4 * MINUTE_MS, heldBackMsMax: 80 * MINUTE_MS },
  o365: { ...AZURE, delayMs: 5 * MINUTE_MS, heldBackMsMax: 80 * MINUTE_MS },
  'insights-logs-auditevent': { ...AZURE, heldBackMsMax: 15 * MINUTE_MS },
  'insights-logs-storageread': { ...AZURE, heldBackMsMax: 80 * MINUTE_MS },
  vnet: { delayMs: MINUTE_MS, jitterMs: 0, openMsMax: 3 * MINUTE_MS, heldBackMsMax: 80 * MINUTE_MS },
  nsg: { delayMs: MINUTE_MS, jitterMs: 0, openMsMax: 3 * MINUTE_MS, heldBackMsMax: 80 * MINUTE_MS },
} as const satisfies Readonly<Record<string, Stream>>

export type StreamName = keyof typeof STREAMS

/** The Event Hubs that the scenario fills. */
export const SCENARIO_HUBS = ['entra', 'activity', 'platform', 'aws', 'o365'] as const

export type HubName = (typeof SCENARIO_HUBS)[number]

/** The containers that it fills, and how their blobs grow. */
export const SCENARIO_CONTAINERS = {
  'insights-logs-auditevent': 'append',
  'insights-logs-storageread': 'append',
  'insights-logs-flowlogflowevent': 'flow',
  'insights-logs-networksecuritygroupflowevent': 'flow',
} as const satisfies Readonly<Record<string, 'append' | 'flow'>>

export function isHub(stream: StreamName): stream is HubName {
  return (SCENARIO_HUBS as readonly string[]).includes(stream)
}
