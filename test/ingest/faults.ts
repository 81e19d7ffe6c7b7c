import { describe, test } from 'vitest'

/** What every source has to survive, with nothing lost and nothing counted twice. */
const FAULTS = [
  'first run',
  'restart',
  'kill -9',
  'token expired',
  'throttled',
  'network cut mid-page',
  'truncated body',
  'clock skew',
  'duplicates',
  'poison record',
] as const

type Fault = (typeof FAULTS)[number]

/** One row a fault: what is tried, or why this source cannot meet it. */
export type FaultTable = Readonly<Record<Fault, (() => Promise<void>) | { readonly cannot: string }>>

/** Runs the rows of one source; the type sees to it that none is left out. */
export function testFaults(source: string, table: FaultTable): void {
  describe(`${source} under faults`, () => {
    for (const fault of FAULTS) {
      const row = table[fault]
      if (typeof row === 'function') test(fault, row)
    }
  })
}
