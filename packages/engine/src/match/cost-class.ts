import type { Dataset } from '@weir/model'
import type { RuleSet } from '../rule/load.ts'
import { type Planned, planOf } from './plan.ts'
import { Slots } from './slots.ts'

/**
 * What a rule costs per event: `indexed` is looked at only where a value or a text that it needs occurs, `scanned`
 * is tried for (nearly) every event of its datasets, `library` is decided by json-rules-engine, a thousand times slower.
 */
export type CostClass = 'indexed' | 'scanned' | 'library'

/** The cost class of every rule with conditions, by rule id; the dearest where its datasets differ. */
export function costClasses(
  set: RuleSet,
  datasets: ReadonlyMap<string, Dataset>,
): ReadonlyMap<string, CostClass> {
  const classes = new Map<string, CostClass>()
  for (const dataset of datasets.values())
    for (const planned of planOf(set.rules, dataset, new Slots(dataset)))
      classes.set(planned.id, dearer(classes.get(planned.id) ?? 'indexed', classOf(planned)))
  return classes
}

function classOf({ check, need }: Planned): CostClass {
  if (check === undefined) return 'library'
  return need === undefined || need.some(({ kind }) => kind === 'test' || kind === 'loose')
    ? 'scanned'
    : 'indexed'
}

function dearer(a: CostClass, b: CostClass): CostClass {
  const order: readonly CostClass[] = ['indexed', 'scanned', 'library']
  return order.indexOf(a) > order.indexOf(b) ? a : b
}
