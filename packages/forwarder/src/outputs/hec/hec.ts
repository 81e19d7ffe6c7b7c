import { LIMITS } from '../../limits.ts'
import { outputType } from '../output-type.ts'
import { createHecClient } from './client.ts'
import { type HecConfig, hecConfig } from './config.ts'
import { createHecOutput } from './send.ts'

export const HEC = outputType({ schema: hecConfig, open: createHecOutput, check: reachHec })

async function reachHec(config: HecConfig): Promise<string> {
  const client = createHecClient(config, '', LIMITS.connectMs)
  try {
    const { status, text, code } = await client.healthy(AbortSignal.timeout(LIMITS.connectMs))
    if (status !== 200) throw new Error(`${config.url} is not healthy: HTTP ${status} ${text}`)
    if (code === undefined) throw new Error(`${config.url} answers, and is no HTTP Event Collector`)
    return `${config.url} is healthy`
  } finally {
    await client.close()
  }
}
