import { checkEventHubs, EVENT_HUBS_BOUNDS, type EventHubsConfig, eventHubsSource } from '@weir/ingest'
import { size } from '@weir/runtime'
import { z } from 'zod'
import { defined, emulator, identity, name, pause } from '../config-parts.ts'
import { sourceType } from './source-type.ts'

const schema = z.strictObject({
  type: z.literal('event-hubs'),
  name,
  auth: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('entra'), namespace: z.string().min(1), ...identity }),
    emulator,
  ]),
  hubs: z
    .array(z.string().min(1))
    .min(1)
    .refine((all) => new Set(all).size === all.length, { error: 'a hub is named twice' }),
  consumerGroup: z.string().min(1).max(50).default('weir'),
  /** Through which evidence is read again. */
  evidenceConsumerGroup: z.string().min(1).max(50).optional(),
  transport: z.enum(['amqp', 'websocket']).default('amqp'),
  /** An HTTP proxy for `websocket`; where absent HTTPS_PROXY and NO_PROXY hold. */
  proxy: z.string().optional(),
  /** Where a partition that was never read begins: `earliest`, `latest` or an ISO time. */
  start: z.union([z.enum(['earliest', 'latest']), z.iso.datetime({ offset: true })]).default('earliest'),
  statusEvery: pause.optional(),
  discoverEvery: pause.optional(),
  retryFirst: pause.optional(),
  retryMax: pause.optional(),
  hopelessRetryMax: pause.optional(),
  bytesInFlightMax: size.optional(),
})

export const EVENT_HUBS = sourceType({
  schema,
  open: (config, deps) => eventHubsSource(settingsOf(config), deps),
  check: (config, clock) => checkEventHubs(settingsOf(config), clock),
})

/** With the defaults of what the configuration leaves out. */
function settingsOf(config: z.output<typeof schema>): EventHubsConfig {
  const { type: _, statusEvery, discoverEvery, retryFirst, retryMax, hopelessRetryMax, ...more } = config
  const { proxy, evidenceConsumerGroup, bytesInFlightMax, ...rest } = more
  const bounds = { statusMs: statusEvery, discoverMs: discoverEvery, retryMsFirst: retryFirst }
  const retries = { retryMsMax: retryMax, hopelessRetryMs: hopelessRetryMax }
  return {
    ...EVENT_HUBS_BOUNDS,
    ...rest,
    ...defined({ proxy, evidenceConsumerGroup, bytesInFlightMax, ...bounds, ...retries }),
  }
}
