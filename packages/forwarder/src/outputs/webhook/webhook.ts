import { systemClock } from '@weir/runtime'
import { LIMITS } from '../../limits.ts'
import { outputType } from '../output-type.ts'
import { createWebhookClient } from './client.ts'
import { type WebhookConfig, webhookConfig } from './config.ts'
import { WebhookOutput } from './send.ts'

export const WEBHOOK = outputType({
  schema: webhookConfig,
  open: (config, tools) => new WebhookOutput(config, tools),
  check: reachWebhook,
})

/** Few webhooks answer HEAD with success; that one answers at all, and knows us, is what can be found out. */
async function reachWebhook(config: WebhookConfig): Promise<string> {
  const client = createWebhookClient(config, systemClock, LIMITS.connectMs)
  const { origin } = new URL(config.url.reveal())
  try {
    const { status } = await client.look(AbortSignal.timeout(LIMITS.connectMs))
    if (REFUSALS.has(status) || status >= 500) throw new Error(`${origin} answers HTTP ${status}`)
    return `${origin} answers (HTTP ${status} to a HEAD request); whether it takes alerts is seen with the first`
  } finally {
    await client.close()
  }
}

/** Unauthorized, proxy authentication required. 403, 404 and 405 may be meant for HEAD alone. */
const REFUSALS = new Set([401, 407])
