import type { Judge, JudgePorts } from './judge.ts'
import type { Table } from './state.ts'

/** Who decides for a correlation; `undefined` for one that grows. */
export function judgeOf(table: Table, _ports: JudgePorts): Judge | undefined {
  switch (table.manner) {
    case 'growing':
      return undefined
    default:
      throw new Error(`nobody judges ${table.manner}`)
  }
}
