import { Secret, secret, size } from '@weir/runtime'
import { z } from 'zod'
import { COMMON, TLS_IS_SPOKEN, tls, WHOLE_PAIR } from '../../config-parts.ts'
import { jsonFormat } from '../../formats/json-format.ts'

const broker = z
  .string()
  .regex(/^(?:[\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}$/, 'a broker is HOST:PORT, with an IPv6 address in brackets')

const sasl = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
  username: z
    .union([z.string().min(1), secret])
    .transform((given) => (given instanceof Secret ? given.reveal() : given)),
  password: secret,
})

export const kafkaConfig = z
  .strictObject({
    type: z.literal('kafka'),
    ...COMMON,
    /** Whom to ask first; the others are learnt from them. */
    brokers: z.array(broker).min(1, 'at least one broker'),
    topic: z
      .string()
      .regex(/^[\w.-]{1,249}$/, 'a topic has 1 to 249 letters, digits, dots, dashes or underscores'),
    keyedBy: z.enum(['alert', 'rule', 'entity']).default('alert'),
    format: jsonFormat.default('ecs'),
    compression: z.enum(['none', 'gzip', 'zstd']).default('gzip'),
    /** Of one record, key and headers included, before compression. Brokers take 1,048,588 of a batch unless told otherwise. */
    messageBytesMax: size.default(1_000_000),
    transport: z.enum(['tls', 'tcp']).default('tls'),
    sasl: sasl.optional(),
    ...tls,
  })
  .refine(...WHOLE_PAIR)
  .refine(...TLS_IS_SPOKEN)

export type KafkaConfig = z.output<typeof kafkaConfig>
