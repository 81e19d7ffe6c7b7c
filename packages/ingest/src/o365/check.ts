import { isObject } from '@weir/model'
import type { Clock } from '@weir/runtime'
import { ANSWER_MS_MAX, CREDENTIAL_REMEDY, look, type SourceCheck } from '../look.ts'
import type { RestClient } from '../rest/client.ts'
import { parsedBody } from '../rest/elements.ts'
import type { O365Config } from './config.ts'
import { o365Meaning } from './failure.ts'
import { Feed } from './feed.ts'
import { o365Client } from './reading.ts'

const REMEDY =
  'look at tenantId and root; the identity needs the application permission ActivityFeed.Read, and this machine port 443'

/** Asks for a token, then for the list of subscriptions; none is begun, nothing is delivered, no position moves. */
export async function checkO365(config: O365Config, clock: Clock): Promise<SourceCheck[]> {
  let client: RestClient | undefined
  const credential = await look(`${config.name} credential`, CREDENTIAL_REMEDY, clock, async () => {
    client = o365Client(config, { clock })
    await client.token()
    return 'a token was given'
  })
  if (!credential.ok || client === undefined) return [credential]
  const asked = client
  const find = () => subscriptions(config, asked)
  const reason = (error: unknown) => o365Meaning(error).reason
  const feed = await look(`${config.name} activity feed`, REMEDY, clock, find, reason)
  await client.close()
  return [credential, feed]
}

async function subscriptions(config: O365Config, client: RestClient): Promise<string> {
  const url = new Feed(config).subscriptions()
  const { body } = await client.ask(url, AbortSignal.timeout(ANSWER_MS_MAX))
  const list = parsedBody(body)
  const enabled = (Array.isArray(list) ? list : []).filter(
    (each) => isObject(each) && each['status'] === 'enabled',
  )
  const types = new Set(enabled.map((each: Readonly<Record<string, unknown>>) => each['contentType']))
  const waiting = config.contentTypes.filter((type) => !types.has(type))
  if (waiting.length === 0) return 'can be read; every content type is subscribed'
  return `can be read; ${waiting.join(', ')} will be subscribed at the start, first content may take 12 hours`
}
