import { z } from 'zod'
import { ELASTIC } from './outputs/elastic/elastic.ts'
import { FILE } from './outputs/file/file.ts'
import { HEC } from './outputs/hec/hec.ts'
import { KAFKA } from './outputs/kafka/kafka.ts'
import { LOGS_INGESTION } from './outputs/logs-ingestion/logs-ingestion.ts'
import type { Output, OutputTools } from './outputs/output.ts'
import type { OutputType } from './outputs/output-type.ts'
import { SYSLOG } from './outputs/syslog/syslog.ts'
import { WEBHOOK } from './outputs/webhook/webhook.ts'

/** Every type of output, by the word that stands for it in a configuration. */
const TYPES = {
  elastic: ELASTIC,
  file: FILE,
  hec: HEC,
  kafka: KAFKA,
  'logs-ingestion': LOGS_INGESTION,
  syslog: SYSLOG,
  webhook: WEBHOOK,
} as const

export const outputSchema = z.discriminatedUnion('type', [
  ELASTIC.schema,
  FILE.schema,
  HEC.schema,
  KAFKA.schema,
  LOGS_INGESTION.schema,
  SYSLOG.schema,
  WEBHOOK.schema,
])

export type OutputConfig = z.output<typeof outputSchema>

/** Makes an output; it connects when it is first given something to send. */
export function openOutput(config: OutputConfig, tools: OutputTools): Output {
  return typeOf(config).open(config, tools)
}

/** Says in words that an output's receiver can be reached; nothing is sent to it. Rejects when it cannot. */
export function checkOutput(config: OutputConfig): Promise<string> {
  return typeOf(config).check(config)
}

/** The schema has told which type it is, which the compiler cannot follow through the table. */
function typeOf(config: OutputConfig): OutputType<z.ZodType<OutputConfig>> {
  return TYPES[config.type] as unknown as OutputType<z.ZodType<OutputConfig>>
}
