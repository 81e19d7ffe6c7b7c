import { loadRuleFolders } from '@weir/aggregator'
import type { Match } from '@weir/model'
import { DEFAULTS, replay } from '@weir/pipeline'
import { inputsOf } from '../inputs.ts'
import { JsonLines, outputOf } from '../output.ts'
import { refuseErrors } from '../rule-problems.ts'
import { VERSION } from '../version.ts'
import { watchInputs } from '../watch-inputs.ts'
import { sayResult, Tally } from './tally.ts'

interface ReplayOptions {
  readonly rules: string[]
  readonly input: string[]
  readonly matches?: string
  readonly alerts?: string
  readonly json?: boolean
}

/** Runs the line over inputs that end, and says what it found. */
export async function runReplay(options: ReplayOptions, of: NodeJS.Process): Promise<void> {
  const output = outputOf(of)
  const began = performance.now()
  const rules = await loadRuleFolders(options.rules)
  refuseErrors(rules, output)
  const inputs = await inputsOf(options.input, of)
  const matches = await JsonLines.open(options.matches)
  const alerts = await JsonLines.open(options.alerts)
  const watch = await watchInputs(inputs, of.stderr, output)
  const tally = new Tally()
  for await (const step of replay({ ...DEFAULTS, version: VERSION }, rules, inputs.watched(watch))) {
    tally.add(step)
    for (const match of step.matches) await matches.write(matchLine(match))
  }
  for (const alert of tally.alerts) await alerts.write(alert)
  await Promise.all([matches.close(), alerts.close()])
  watch.clear()
  sayResult(tally, (performance.now() - began) / 1000, options.json === true, output)
}

function matchLine({ rule, eventId, dataset, time }: Match): object {
  return { rule, event_id: eventId, dataset, time: new Date(time).toISOString() }
}
