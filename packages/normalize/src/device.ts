import type { FieldValue } from '@weir/model'
import { mapped, type Row } from './read.ts'

/** The words of the CEF standard, at the middle of what they stand for. */
const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ['low', 2],
  ['medium', 5],
  ['high', 8],
  ['very-high', 10],
])

/** A device's severity as a number from 0 to 10. */
export function deviceSeverity(row: Row): Row {
  return mapped(row, 'number', (value): FieldValue => {
    const number = Number(value)
    if (value !== '' && number >= 0 && number <= 10) return number
    return SEVERITIES.get(value.toLowerCase())
  })
}

const SUCCESS = /^(?:success|succeeded|successful|ok|passed|true|granted|\/success)$/i
const FAILURE = /^(?:fail|failed|failure|error|false|denied|\/failure)$/i

export function deviceOutcome(row: Row): Row {
  return mapped(row, 'success or failure', (value) =>
    SUCCESS.test(value) ? 'success' : FAILURE.test(value) ? 'failure' : 'unknown',
  )
}

const DENIED: readonly string[] = ['denied']
const ALLOWED: readonly string[] = ['allowed']
const DENIES =
  /^(?:block|blocked|deny|denied|drop|dropped|reject|rejected|reset|quarantine|quarantined|prevent|prevented)\b/i
const ALLOWS = /^(?:accept|accepted|allow|allowed|permit|permitted|pass|passed)\b/i

/** What became of it. */
export function verdict(row: Row): Row {
  return mapped(row, 'allowed or denied', (value) =>
    DENIES.test(value) ? DENIED : ALLOWS.test(value) ? ALLOWED : undefined,
  )
}
