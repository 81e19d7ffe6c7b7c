import type { TokenCredential } from '@azure/identity'
import type { ByteBudget } from '../byte-budget.ts'
import { credentialOf } from '../credential.ts'
import type { SourceDeps } from '../deps.ts'
import type { Pace } from '../pace.ts'
import { RestClient } from '../rest/client.ts'
import type { GraphConfig } from './config.ts'

/** What the readers of all streams share. */
export interface GraphReading {
  readonly config: GraphConfig
  readonly deps: SourceDeps
  readonly client: RestClient
  /** Bytes delivered and not yet committed. */
  readonly budget: ByteBudget
  readonly paces: Readonly<Record<'reports' | 'alerts', Pace>>
}

/** Throws `WeirError` CONFIG_INVALID. */
export function graphClient(
  config: GraphConfig,
  { clock }: Pick<SourceDeps, 'clock'>,
  credential: TokenCredential = credentialOf(config.auth),
): RestClient {
  const { name, root, answerMsMax, bodyBytesMax } = config
  const scope = config.scope ?? `${root}/.default`
  return new RestClient({ name, root, scope, credential, answerMsMax, bodyBytesMax }, clock)
}
