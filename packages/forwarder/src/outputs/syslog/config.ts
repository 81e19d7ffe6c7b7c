import { size } from '@weir/runtime'
import { z } from 'zod'
import { COMMON, port, printable, tls, WHOLE_PAIR } from '../../config-parts.ts'

export const syslogConfig = z
  .strictObject({
    type: z.literal('syslog'),
    ...COMMON,
    host: z.string().min(1),
    port,
    transport: z.enum(['tls', 'tcp']).default('tls'),
    framing: z.enum(['octet', 'lf']).default('octet'),
    ...tls,
    /** A constant on purpose: some SIEMs take the header's host for the log source. */
    hostname: printable(255).default('weir'),
    appName: printable(48).default('weir'),
    facility: z.int().min(0).max(23).default(16),
    sizeMax: size.pipe(z.number().min(2048, 'at least 2048 bytes')).default(8000),
  })
  .refine(...WHOLE_PAIR)

export type SyslogConfig = z.output<typeof syslogConfig>
