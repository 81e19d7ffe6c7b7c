import { LIMITS } from '../../limits.ts'
import { outputType } from '../output-type.ts'
import { createLogsIngestionClient } from './client.ts'
import { type LogsIngestionConfig, logsIngestionConfig } from './config.ts'
import { createLogsIngestionOutput } from './send.ts'

export const LOGS_INGESTION = outputType({
  schema: logsIngestionConfig,
  open: createLogsIngestionOutput,
  check: reachLogsIngestion,
})

/** That we get a token and that somebody answers there; whether the rule lets us in is seen with the first alert. */
async function reachLogsIngestion(config: LogsIngestionConfig): Promise<string> {
  const client = createLogsIngestionClient(config, LIMITS.connectMs)
  try {
    const { status } = await client.look(AbortSignal.timeout(LIMITS.connectMs))
    if (REFUSALS.has(status) || status >= 500) throw new Error(`${config.endpoint} answers HTTP ${status}`)
    return `${config.endpoint} answers, and there is a token for it`
  } finally {
    await client.close()
  }
}

/** Our token is not good there. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403])
