import { backoffMs, WeirError } from '@weir/runtime'
import type { EntraIdentity } from '../credential.ts'

export type EventHubsAuth =
  /** `namespace` is a host, such as `contoso.servicebus.windows.net`, with a port where it is not the usual one. */
  | (EntraIdentity & { readonly kind: 'entra'; readonly namespace: string })
  /** A local emulator, nothing else. */
  | { readonly kind: 'emulator'; readonly connectionString: string }

export interface EventHubsConfig extends EventHubsBounds {
  readonly name: string
  readonly auth: EventHubsAuth
  readonly hubs: readonly string[]
  /** Ours alone: another reader in it would share the limit of five, or displace us. */
  readonly consumerGroup: string
  /** Through which evidence is read again, now and then, so that it takes no place in `consumerGroup`. */
  readonly evidenceConsumerGroup?: string
  /** `websocket` goes through port 443 where 5671 is closed. */
  readonly transport: 'amqp' | 'websocket'
  /** URL of an HTTP proxy for `websocket`; where absent HTTPS_PROXY and NO_PROXY hold. */
  readonly proxy?: string
  /** Where a partition begins that has no cursor: `earliest`, `latest` or an ISO 8601 time of arrival. */
  readonly start: string
}

/** Of evidence, where none is configured. */
export const EVIDENCE_GROUP = 'weir-evidence'

export interface EventHubsBounds {
  /** Bytes received and not yet committed, over all partitions; at least two of the largest messages for each. */
  readonly bytesInFlightMax: number
  /** The largest message that the service takes: what one credit may bring, and is counted as until it has. */
  readonly messageBytesMax: number
  /** Bytes of one batch, at least one message; what is beyond follows in the next. */
  readonly batchBytesMax: number
  /** Pause between two looks at how far the partitions are; the watermark follows them. */
  readonly statusMs: number
  /** Questions to `$management` in a second; further ones wait. The service allows 50. */
  readonly questionsPerSecondMax: number
  /** Pause between two looks for new partitions. */
  readonly discoverMs: number
  /** A request, an attach or a connection without answer for so long has failed. */
  readonly answerMsMax: number
  /** A receiver to which nothing has come for so long although messages wait is given up for a new one. */
  readonly stallMsMax: number
  /** First and longest pause before trying again. */
  readonly retryMsFirst: number
  readonly retryMsMax: number
  /** Longest pause before trying again what an operator has to mend; the first ones are as short as any. */
  readonly hopelessRetryMs: number
}

export const EVENT_HUBS_BOUNDS: EventHubsBounds = {
  bytesInFlightMax: 64 * 1024 * 1024,
  messageBytesMax: 1024 * 1024,
  batchBytesMax: 8 * 1024 * 1024,
  statusMs: 1_500,
  questionsPerSecondMax: 20,
  discoverMs: 60_000,
  answerMsMax: 10_000,
  stallMsMax: 10_000,
  retryMsFirst: 200,
  retryMsMax: 15_000,
  hopelessRetryMs: 30_000,
}

/** Pause after the nth failure in a row. */
export function retryPauseMs(
  { retryMsFirst, retryMsMax, hopelessRetryMs }: EventHubsBounds,
  hopeless: boolean,
  failures: number,
  random: number,
): number {
  return backoffMs(
    { firstMs: retryMsFirst, maxMs: hopeless ? hopelessRetryMs : retryMsMax },
    failures,
    random,
  )
}

/** Where a partition without cursor begins. */
export type Start = 'earliest' | 'latest' | { readonly after: number }

/** Throws `WeirError` CONFIG_INVALID for what is none of the three. */
export function startOf({ name, start }: EventHubsConfig): Start {
  if (start === 'earliest' || start === 'latest') return start
  const after = Date.parse(start)
  if (!Number.isNaN(after)) return { after }
  const choices = '"earliest", "latest" or a time such as "2026-01-31T00:00:00Z"'
  throw new WeirError('CONFIG_INVALID', `source ${name}: start is "${start}"; write ${choices}`)
}
