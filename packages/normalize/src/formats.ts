import type { RecordFormat } from '@weir/model'
import { readCsv } from './formats/csv.ts'
import type { Limits } from './limits.ts'
import type { Message } from './message.ts'

/** Reads the records of a text between two places that is not JSON: keeps each with its extent, refuses the rest. */
export function readFormat(
  message: Message,
  start: number,
  end: number,
  format: RecordFormat,
  limits: Limits,
): void {
  switch (format.kind) {
    case 'csv':
      readCsv(message, start, end, format.columns, limits)
      break
    default:
      format.kind satisfies never
  }
}
