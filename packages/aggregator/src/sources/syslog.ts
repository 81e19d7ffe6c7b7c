import {
  checkSyslog,
  SYSLOG_BOUNDS,
  type SyslogConfig,
  type SyslogListener,
  syslogSource,
} from '@weir/ingest'
import { path, size } from '@weir/runtime'
import { z } from 'zod'
import { defined, name, pause } from '../config-parts.ts'
import { sourceType } from './source-type.ts'

const common = {
  name: name.optional(),
  host: z.string().min(1).default('0.0.0.0'),
  format: z.enum(['syslog', 'json']).default('syslog'),
  /** Of stamps that name none. */
  zone: z
    .string()
    .refine(isZone, 'an IANA time zone such as Europe/Berlin, or an offset such as +02:00')
    .default('UTC'),
}
const port = z.int().min(1).max(65_535)
const framing = z.enum(['auto', 'octets', 'lines']).default('auto')

const listener = z.discriminatedUnion('transport', [
  z.strictObject({ transport: z.literal('udp'), ...common, port: port.default(514) }),
  z.strictObject({ transport: z.literal('tcp'), ...common, port: port.default(601), framing }),
  z.strictObject({
    transport: z.literal('tls'),
    ...common,
    port: port.default(6514),
    framing,
    tls: z.strictObject({ cert: path, key: path, ca: path.optional() }),
  }),
])

const schema = z.strictObject({
  type: z.literal('syslog'),
  name,
  listeners: z
    .array(listener)
    .min(1)
    .refine((all) => new Set(all.map(nameOf)).size === all.length, {
      error: 'two listeners have the same name; without one they are called by their transport and port',
    }),
  connectionsMax: z.int().min(1).max(65_535).optional(),
  messageBytesMax: size.refine((bytes) => bytes >= 480, 'RFC 5424 asks for 480 bytes at least').optional(),
  bytesInFlightMax: size.optional(),
  receiveBufferBytes: size.optional(),
  statusEvery: pause.optional(),
})

export const SYSLOG = sourceType({
  schema,
  open: (config, deps) => syslogSource(settingsOf(config), deps),
  check: (config, clock) => checkSyslog(settingsOf(config), clock),
})

/** With the defaults of what the configuration leaves out. */
function settingsOf(config: z.output<typeof schema>): SyslogConfig {
  const { type: _, name: source, listeners, statusEvery, ...bounds } = config
  return {
    ...SYSLOG_BOUNDS,
    ...defined({ ...bounds, statusMs: statusEvery }),
    name: source,
    listeners: listeners.map((each) => ({ ...each, name: nameOf(each) }) as SyslogListener),
  }
}

/** The name is the partition, under which the running number is kept. */
function nameOf({ name: given, transport, port: number }: z.output<typeof listener>): string {
  return given ?? `${transport}-${number}`
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
