import { type HttpAnswer, openHttp } from '../http.ts'
import type { LogsIngestionConfig } from './config.ts'
import { entraTokens, type Tokens } from './tokens.ts'

/** The calls of the Logs Ingestion API. Each throws `WeirError` OUTPUT_FAILED when no answer or token arrives. */
export interface LogsIngestionClient {
  /** `rows` is a JSON list. A token that is refused is replaced once. */
  post(rows: Buffer, signal: AbortSignal): Promise<HttpAnswer>
  /** Asks with a token, and sends nothing: the service has no call for that, and answers 404 or 405. */
  look(signal: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

const API_VERSION = '2023-01-01'

export function createLogsIngestionClient(
  config: LogsIngestionConfig,
  connectMs: number,
): LogsIngestionClient {
  const { name, endpoint, ruleId, stream, proxy, ca } = config
  const receiver = openHttp({ name, url: endpoint, proxy: proxy?.reveal(), ca, connectMs })
  const tokens = entraTokens(config)
  const path = `/dataCollectionRules/${ruleId}/streams/${stream}?api-version=${API_VERSION}`
  const call = async (body: Buffer | undefined, signal: AbortSignal): Promise<HttpAnswer> => {
    const headers = { ...(await bearer(tokens, signal)), ...(body && { 'content-type': 'application/json' }) }
    return receiver.call({ path, signal, headers, ...(body && { body }) })
  }
  return {
    post: async (rows, signal) => {
      const answer = await call(rows, signal)
      if (answer.status !== 401) return answer
      tokens.forget()
      return call(rows, signal)
    },
    look: (signal) => call(undefined, signal),
    close: () => receiver.close(),
  }
}

async function bearer(tokens: Tokens, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  return { authorization: `Bearer ${await tokens.get(signal)}` }
}
