import { createRequire } from 'node:module'
import { WeirError } from '@weir/runtime'

const NAME = '@platformatic/kafka'

/**
 * Says at once when the client is missing, rather than when the first alert comes. Throws `WeirError`
 * CONFIG_INVALID.
 */
export function needKafka(output: string, resolve: (name: string) => string = resolveHere): void {
  try {
    resolve(NAME)
  } catch {
    throw new WeirError(
      'CONFIG_INVALID',
      `output ${output} needs ${NAME}, which is not installed. ` +
        'Install the optional dependencies: npm ci --include=optional in the folder of Weir, then start it again.',
    )
  }
}

/** The client, an optional dependency, loaded when it is first asked for. */
export function loadKafka(): Promise<typeof import('@platformatic/kafka')> {
  return import('@platformatic/kafka')
}

function resolveHere(name: string): string {
  return createRequire(import.meta.url).resolve(name)
}
