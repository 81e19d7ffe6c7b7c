import { Absence } from './absence.ts'
import type { Judge, JudgePorts } from './judge.ts'
import { NewTerms } from './new-terms.ts'
import type { Table } from './state.ts'
import { Tumbling } from './tumbling.ts'

/** Who decides for a correlation; `undefined` for one that grows. */
export function judgeOf(table: Table, ports: JudgePorts): Judge | undefined {
  switch (table.manner) {
    case 'tumbling':
      return new Tumbling(table, ports)
    case 'new_terms':
      return new NewTerms(table, ports)
    case 'absence':
      return new Absence(table, ports)
    case 'growing':
    case 'aside':
      return undefined
    default:
      return table.manner satisfies never
  }
}
