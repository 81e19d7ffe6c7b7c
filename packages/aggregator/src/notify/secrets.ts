import { Secret } from '@weir/runtime'
import type { Refreshable } from '../refresh.ts'
import type { NotifierConfig } from './config.ts'

/** URLs and headers of webhooks that stand in files. */
export function freshSecrets(configs: readonly NotifierConfig[]): Refreshable[] {
  return configs.flatMap(({ name, url, proxy, headers }) =>
    [url, proxy, ...Object.values(headers)]
      .filter((each) => each instanceof Secret)
      .map((each) => ({ name: `secret of webhook ${name}`, refresh: () => each.refresh() })),
  )
}
