import { size } from '@weir/runtime'
import { z } from 'zod'
import { COMMON, port, printable, TLS_IS_SPOKEN, tls, WHOLE_PAIR } from '../../config-parts.ts'

/** A datagram holds 65,507 bytes at most. */
const UDP_BYTES_MAX = 65_000

const whole = z.strictObject({
  type: z.literal('syslog'),
  ...COMMON,
  host: z.string().min(1),
  port,
  transport: z.enum(['tls', 'tcp', 'udp']).default('tls'),
  /** Of a stream; over UDP each message is a datagram. */
  framing: z.enum(['octet', 'lf']).default('octet'),
  ...tls,
  header: z.enum(['rfc5424', 'rfc3164']).default('rfc5424'),
  zone: z.string().refine(isZone, 'a time zone such as UTC or Europe/Berlin').default('UTC'),
  format: z.enum(['cef', 'leef1', 'leef2', 'json']).default('cef'),
  delimiter: z.string().refine(isDelimiter, 'one of ! # $ % & * ; ^ ~ or a code such as 0x09').optional(),
  bom: z.boolean().default(false),
  /** A constant on purpose: some SIEMs take the header's host for the log source. */
  hostname: printable(255).default('weir'),
  appName: printable(48).default('weir'),
  facility: z.int().min(0).max(23).default(16),
  sizeMax: size.pipe(z.number().min(1024, 'at least 1024 bytes')).optional(),
})

export const syslogConfig = whole
  .refine(...WHOLE_PAIR)
  .refine(...TLS_IS_SPOKEN)
  .refine(({ format, delimiter }) => delimiter === undefined || format === 'leef2', {
    error: '"delimiter" is for the format "leef2" alone',
  })
  .refine(({ bom, header }) => !bom || header === 'rfc5424', {
    error: '"bom" is for the header "rfc5424" alone',
  })
  .refine(({ transport, sizeMax = 0 }) => transport !== 'udp' || sizeMax <= UDP_BYTES_MAX, {
    error: `"sizeMax" is at most ${UDP_BYTES_MAX} bytes over UDP: a datagram holds no more`,
  })
  .transform((config) => ({
    ...config,
    sizeMax: config.sizeMax ?? usualSize(config),
    delimiter: character(config.delimiter ?? '0x09'),
  }))

export type SyslogConfig = z.output<typeof syslogConfig>

/** Without fragments over UDP; what QRadar takes unless it is told otherwise, for its own format. */
function usualSize({ transport, format }: z.output<typeof whole>): number {
  if (transport === 'udp') return 1400
  return format === 'leef1' || format === 'leef2' ? 4000 : 8000
}

/** What is in every other value would part them all; letters and the like are in the keys, too. */
function isDelimiter(text: string): boolean {
  return /^(?:[!#$%&*;^~]|0x[0-9a-f]{1,4})$/i.test(text) && !/[\p{L}\p{N}\s=|\\_.:@,/-]/u.test(visible(text))
}

/** A tab is the one space that may part attributes. */
function visible(text: string): string {
  return character(text) === '\t' ? '' : character(text)
}

function character(text: string): string {
  return text.length === 1 ? text : String.fromCodePoint(Number.parseInt(text.slice(2), 16))
}

function isZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone }) !== undefined
  } catch {
    return false
  }
}
