import { loadRuleFolders, problemLine } from '@weir/aggregator'
import { Explainer, type RuleSet } from '@weir/engine'
import type { Event } from '@weir/model'
import { eventIdOf } from '@weir/normalize'
import { tellBrokenOff } from '../broken-off.ts'
import { eventsIn } from '../events.ts'
import { EXIT } from '../exit.ts'
import { inputsOf } from '../inputs.ts'
import { type Output, outputOf } from '../output.ts'
import { printable } from '../printable.ts'
import { caseEvents, type EventToExplain } from './case-events.ts'
import { explanationLines } from './explanation-lines.ts'
import { namedRule } from './named-rule.ts'

interface ExplainOptions {
  readonly rules: readonly string[]
  readonly rule: string
  readonly event: string
  /** Events explained; the rest is counted and said. */
  readonly limit: number
  readonly json?: boolean
}

/** Explains one rule on every event of a file. */
export async function explainRule(options: ExplainOptions, of: NodeJS.Process): Promise<void> {
  const output = outputOf(of)
  const rules = await loadRuleFolders(options.rules)
  tellErrors(rules, output)
  const explainer = new Explainer(rules, namedRule(rules, options.rule))
  let [events, matched] = [0, 0]
  for await (const { event, of: name } of eventsOf(options.event, of, output)) {
    events++
    if (events > options.limit) continue
    const explanation = await explainer.explain(event)
    if (explanation.matched) matched++
    if (options.json === true)
      output.json({ ...(name && { case: name }), event: headOf(event), ...explanation })
    else for (const line of [titleOf(event, name), ...explanationLines(explanation), '']) output.line(line)
    await output.ready()
  }
  const explained = Math.min(events, options.limit)
  const rest = events > explained ? `; ${events - explained} more events not explained: raise --limit` : ''
  output.note(`${options.rule} matches ${matched} of ${explained} events${rest}`)
  if (events === 0) output.note('nothing to explain: no record gave an event')
  if (matched === 0) of.exitCode = EXIT.findings
}

/** Other rules may have errors as long as the one asked for loads; without it they are most likely why. */
function tellErrors({ problems }: RuleSet, output: Output): void {
  for (const problem of problems) if (problem.severity === 'error') output.note(problemLine(problem))
}

async function* eventsOf(path: string, of: NodeJS.Process, output: Output): AsyncGenerator<EventToExplain> {
  if (path.endsWith('.test.json')) return yield* caseEvents(path, output)
  const inputs = await inputsOf([path], of)
  const ended = (_file: string, failure?: Parameters<typeof tellBrokenOff>[0]): void => {
    if (failure !== undefined) tellBrokenOff(failure, output)
  }
  for (const { name, messages } of inputs.watched({ read: () => undefined, ended })) {
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      const { events, unreadable } = eventsIn(name, next.value)
      for (const line of unreadable) output.note(line)
      for (const event of events) yield { event }
    }
  }
}

interface Head {
  readonly id: string
  readonly dataset: string
  readonly time: string
  /** Which event of its record it is, from 0. */
  readonly part: number
}

function headOf(event: Event): Head {
  const { dataset, time, part } = event
  return { id: eventIdOf(event), dataset: dataset.name, time: new Date(time).toISOString(), part }
}

function titleOf(event: Event, name: string | undefined): string {
  const { id, dataset, time, part } = headOf(event)
  const which = event.dataset.split === undefined ? '' : ` part ${part}`
  return printable(`event ${id}${which}  ${dataset}  ${time}${name === undefined ? '' : `  ${name}`}`)
}
