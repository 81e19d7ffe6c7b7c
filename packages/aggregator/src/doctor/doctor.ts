import type { Clock } from '@weir/runtime'
import type { AggregatorConfig } from '../config.ts'
import { endsOfTokens } from '../credentials.ts'
import { problemLine } from '../problem-line.ts'
import { loadRuleFolders } from '../rule-folder.ts'
import { checkSource, type SourceConfig } from '../sources.ts'
import { aggregatorIn } from './api-port.ts'
import { type AggregatorCheck, check } from './check.ts'
import { lookAtPort, lookAtTls } from './port.ts'
import { lookAtStore } from './store-file.ts'

/**
 * Looks whether an aggregator with this configuration could work, also while one does: nothing is read from a
 * source, made or changed.
 */
export async function aggregatorDoctor(config: AggregatorConfig, clock: Clock): Promise<AggregatorCheck[]> {
  const { api, rules, store, sources } = config
  const own = [
    check('store', 'make the folder and give it to the account that Weir runs under', () =>
      lookAtStore(store.path),
    ),
    check('rules', 'run "weir rules check" over the folders and mend what it names', () =>
      lookAtRules(rules.folders),
    ),
    ...(api.tls === undefined
      ? []
      : [
          check('api certificate', 'look at the PEM files; certificate and key belong together', () =>
            lookAtTls(api.tls!, clock),
          ),
        ]),
    ...lookAtTokens(api.tokens, clock.now()),
    check('api', 'choose another `api.port`, or stop what holds it', () => lookAtPort(api, aggregatorIn)),
  ]
  const reached = await Promise.all(sources.map((each) => lookAtSource(each, clock)))
  return [...(await Promise.all(own)), ...reached.flat()]
}

/** Of those that have an end. */
function lookAtTokens(tokens: AggregatorConfig['api']['tokens'], now: number): Promise<AggregatorCheck>[] {
  const ends = endsOfTokens(tokens).filter(({ endsAt }) => Number.isFinite(endsAt))
  return ends.map(({ subject, endsAt }) =>
    check(`api ${subject}`, 'put its successor beside it in `api.tokens`', async () => {
      const at = new Date(endsAt).toISOString()
      if (endsAt <= now) throw new Error(`ended at ${at}`)
      return `ends at ${at}`
    }),
  )
}

async function lookAtRules(folders: readonly string[]): Promise<string> {
  const { rules, problems } = await loadRuleFolders(folders)
  const errors = problems.filter((problem) => problem.severity === 'error')
  if (errors[0] !== undefined) throw new Error(`${errors.length} error(s), first ${problemLine(errors[0])}`)
  return `${rules.length} rules load`
}

async function lookAtSource(config: SourceConfig, clock: Clock): Promise<AggregatorCheck[]> {
  const checks = await checkSource(config, clock)
  return checks.map((each) => ({ ...each, name: `source ${each.name}` }))
}
