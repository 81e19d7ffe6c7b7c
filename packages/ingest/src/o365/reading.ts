import type { TokenCredential } from '@azure/identity'
import type { ByteBudget } from '../byte-budget.ts'
import { credentialOf } from '../credential.ts'
import type { SourceDeps } from '../deps.ts'
import type { Pace } from '../pace.ts'
import { RestClient } from '../rest/client.ts'
import type { O365Config } from './config.ts'
import type { Feed } from './feed.ts'

/** What the readers of all content types share. */
export interface O365Reading {
  readonly config: O365Config
  readonly deps: SourceDeps
  readonly client: RestClient
  readonly feed: Feed
  /** Bytes delivered and not yet committed. */
  readonly budget: ByteBudget
  readonly pace: Pace
}

/** Throws `WeirError` CONFIG_INVALID. */
export function o365Client(
  config: O365Config,
  { clock }: Pick<SourceDeps, 'clock'>,
  credential: TokenCredential = credentialOf(config.auth),
): RestClient {
  const { name, root, answerMsMax, bodyBytesMax } = config
  const scope = config.scope ?? `${root}/.default`
  return new RestClient({ name, root, scope, credential, answerMsMax, bodyBytesMax }, clock)
}
