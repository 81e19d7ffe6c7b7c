import type { Judge, JudgePorts } from './judge.ts'
import type { Table } from './state.ts'
import { Tumbling } from './tumbling.ts'

/** Who decides for a correlation; `undefined` for one that grows. */
export function judgeOf(table: Table, ports: JudgePorts): Judge | undefined {
  switch (table.manner) {
    case 'tumbling':
      return new Tumbling(table, ports)
    case 'growing':
    case 'aside':
      return undefined
    default:
      throw new Error(`nobody judges ${table.manner}`)
  }
}
