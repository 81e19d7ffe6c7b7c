import type { Correlation } from '../rule/rule.ts'

/**
 * How a correlation comes to its episodes. `growing`: windows slide and fire at once. `tumbling`: windows are aligned
 * to the epoch and judged once. `new_terms` and `absence`: matches are judged one by one, at once or when the
 * watermark has passed. `aside`: the part of one of these two that waits for the watermark, because it rests on a
 * correlation whose episodes may still change.
 */
export type Manner = 'growing' | 'tumbling' | 'new_terms' | 'absence' | 'aside'

export function mannerOf(correlation: Correlation): Exclude<Manner, 'aside'> {
  switch (correlation.type) {
    case 'event_count':
    case 'value_count':
    case 'temporal':
    case 'temporal_ordered':
      return onlyGrows(correlation) ? 'growing' : 'tumbling'
    case 'value_sum':
    case 'value_avg':
    case 'value_percentile':
      return 'tumbling'
    case 'new_terms':
    case 'absence':
      return correlation.type
    default:
      return correlation.type satisfies never
  }
}

/** More matches never make it untrue. */
function onlyGrows({ condition: { lt, lte, eq, neq } }: Correlation): boolean {
  return [lt, lte, eq, neq].every((bound) => bound === undefined)
}
