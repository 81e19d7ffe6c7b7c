import type { RecordFormat } from '@weir/model'
import { readCsv } from './formats/csv.ts'
import { readStorageAnalytics } from './formats/storage-analytics.ts'
import { readSyslog } from './formats/syslog.ts'
import type { Limits } from './limits.ts'
import type { Message } from './message.ts'

export type ReadableFormat = Exclude<RecordFormat, { readonly kind: 'unreadable' }>

/** Reads the records of a text between two places that is not JSON: keeps each with its extent, refuses the rest. */
export function readFormat(
  message: Message,
  start: number,
  end: number,
  format: ReadableFormat,
  limits: Limits,
): void {
  switch (format.kind) {
    case 'csv':
      readCsv(message, start, end, format, limits)
      break
    case 'storage-analytics':
      readStorageAnalytics(message, start, end, limits)
      break
    case 'syslog':
      readSyslog(message, format, limits)
      break
    default:
      format satisfies never
  }
}
