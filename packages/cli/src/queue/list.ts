import { listQueue, type QueueItem, type Waiting } from '@weir/forwarder'
import type { Output } from '../output.ts'
import { printable } from '../printable.ts'
import { type ChoiceOptions, chosenOf } from './chosen.ts'

/** Prints what waits for each output, and what was set aside. */
export async function showQueue(options: ChoiceOptions, now: number, output: Output): Promise<void> {
  const { path, choice } = chosenOf(options)
  const { waiting, items } = listQueue(path, choice)
  for (const each of options.id === undefined ? waiting : []) {
    if (options.output !== undefined && each.output !== options.output) continue
    if (options.json === true) output.json(each)
    else output.line(waitingLine(each, now))
  }
  for (const item of items) {
    if (options.json === true) output.json({ ...item, at: new Date(item.at).toISOString() })
    else output.line(itemLine(item))
    await output.ready()
  }
  if (items.length === 0) output.note('nothing was set aside')
}

function waitingLine({ output, pending, oldest }: Waiting, now: number): string {
  const age = oldest === undefined ? '' : `, the oldest ${ageOf(now - Date.parse(oldest))} old`
  return `${output}: ${pending.urgent} urgent and ${pending.bulk} bulk wait${age}`
}

function itemLine(item: QueueItem): string {
  const { number, output, aggregator, id, revision, rule, severity, at, reason, bytes, again } = item
  const alert = id === undefined ? 'cannot be read' : `${id} revision ${revision}`
  const about = [rule, severity].filter((each) => each !== undefined)
  const parts = [`${number}`, output, aggregator, alert, ...about, new Date(at).toISOString(), reason]
  return printable([...parts, `${bytes} bytes`, ...(again ? ['goes out once more'] : [])].join('  '))
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const

function ageOf(ms: number): string {
  const unit = UNITS.find(([, unitMs]) => ms >= 2 * unitMs)
  if (unit === undefined) return `${Math.max(0, Math.round(ms / 1000))} s`
  return `${Math.round(ms / unit[1])} ${unit[0]}`
}
