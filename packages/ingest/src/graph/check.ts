import type { Clock } from '@weir/runtime'
import { ANSWER_MS_MAX, CREDENTIAL_REMEDY, look, type SourceCheck } from '../look.ts'
import type { RestClient } from '../rest/client.ts'
import type { GraphConfig } from './config.ts'
import { graphMeaning } from './failure.ts'
import { graphClient } from './reading.ts'
import { type GraphStream, streamsOf } from './streams.ts'

/** Asks for a token, then for one record of every stream; nothing is delivered and no position moves. */
export async function checkGraph(config: GraphConfig, clock: Clock): Promise<SourceCheck[]> {
  let client: RestClient | undefined
  const credential = await look(`${config.name} credential`, CREDENTIAL_REMEDY, clock, async () => {
    client = graphClient(config, { clock })
    await client.token()
    return 'a token was given'
  })
  if (!credential.ok || client === undefined) return [credential]
  const checks: SourceCheck[] = [credential]
  // One after the other: the limit for reports is small.
  for (const stream of streamsOf(config)) checks.push(await checkStream(config, client, stream, clock))
  await client.close()
  return checks
}

function checkStream(
  config: GraphConfig,
  client: RestClient,
  stream: GraphStream,
  clock: Clock,
): Promise<SourceCheck> {
  const find = async (): Promise<string> => {
    await client.ask(`${stream.path}?$top=1`, AbortSignal.timeout(ANSWER_MS_MAX))
    return 'can be read'
  }
  const remedy = `the identity needs the application permission ${stream.permission}, and this machine port 443`
  const reason = (error: unknown) => graphMeaning(error, stream).reason
  return look(`${config.name} stream ${stream.name}`, remedy, clock, find, reason)
}
