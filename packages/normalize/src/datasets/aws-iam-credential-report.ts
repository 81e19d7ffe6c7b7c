import type { FieldValue, JsonObject } from '@weir/model'
import { parseTime } from '../parse-time.ts'
import { constant, derived, flag, folded, mapped, type Row, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

const DAY_MS = 24 * HOUR_MS

/**
 * One row of an account's credential report: a user, and how old and how used its password and keys are. Ages are
 * whole days up to `report_time`, when the report was made, which the source adds to each row.
 */
export const AWS_IAM_CREDENTIAL_REPORT = dataset({
  name: 'aws.iam_credential_report',
  // A report that somebody else asked for may be four hours old when it is fetched.
  latenessMs: 6 * HOUR_MS,
  time: reportTime,
  id: reportId,
  columns: (record) => [record.arn, record.report_time],
  rows: {
    'cloud.provider': constant('aws'),
    'cloud.service.name': constant('iam'),
    'cloud.account.id': derived('account of arn', accountOf),
    'event.action': constant('credential-report'),
    'event.category': constant(['iam']),
    'event.type': constant(['info']),
    'event.created': text('report_time'),
    'user.name': folded(derived('user, root for <root_account>', userName)),
    'user.id': text('arn'),
    [field('root')]: derived('true where user is <root_account>', isRoot),
    [field('mfa_active')]: flag('mfa_active'),
    [field('user.age_days')]: days('user_creation_time'),
    [field('password.enabled')]: derived('password_enabled, true for root', passwordEnabled),
    [field('password.age_days')]: days('password_last_changed'),
    [field('password.unused_days')]: derived(
      'days since password_last_used, else password_last_changed, else user_creation_time',
      passwordUnused,
    ),
    [field('access_key.active')]: derived(
      'true where either key is active',
      (record) => ages(record).length > 0,
    ),
    [field('access_key.age_days')]: derived('days since the older active key was made or rotated', (record) =>
      most(ages(record).map(({ age }) => age)),
    ),
    [field('access_key.unused_days')]: derived(
      'days since the less used active key was used, made or rotated',
      (record) => most(ages(record).map(({ unused }) => unused)),
    ),
    ...keyRows(1),
    ...keyRows(2),
    [field('cert.active')]: derived(
      'true where either certificate is active',
      (record) => isTrue(record.cert_1_active) || isTrue(record.cert_2_active),
    ),
  },
})

function field(name: string): string {
  return `aws.iam_credential_report.${name}`
}

function keyRows(n: 1 | 2): Readonly<Record<string, Row>> {
  const key = `access_key_${n}`
  return {
    [field(`${key}.active`)]: flag(`${key}_active`),
    [field(`${key}.age_days`)]: days(`${key}_last_rotated`),
    [field(`${key}.unused_days`)]: days(`${key}_last_used_date`, `${key}_last_rotated`),
    [field(`${key}.last_used_service`)]: mapped(text(`${key}_last_used_service`), 'value', said),
    [field(`${key}.last_used_region`)]: mapped(text(`${key}_last_used_region`), 'value', said),
  }
}

/** What a cell says in place of a value. */
const NOTHING: ReadonlySet<string> = new Set(['N/A', 'not_supported', 'no_information'])

function said(value: string): string | undefined {
  return NOTHING.has(value) ? undefined : value
}

function reportTime(record: JsonObject): number | undefined {
  return parseTime(record.report_time)
}

/** A report a day is one set of events: a later one of the same day says the same. */
function reportId(record: JsonObject): string | undefined {
  const arn = textOf(record.arn)
  const time = reportTime(record)
  return arn === undefined || time === undefined
    ? undefined
    : `${arn}/${new Date(time).toISOString().slice(0, 10)}`
}

function accountOf(record: JsonObject): string | undefined {
  return textOf(record.arn)?.split(':')[4] || undefined
}

function isRoot(record: JsonObject): boolean {
  return record.user === '<root_account>'
}

function userName(record: JsonObject): string | undefined {
  return isRoot(record) ? 'root' : textOf(record.user)
}

/** The report says not_supported for root, which always has one. */
function passwordEnabled(record: JsonObject): boolean {
  return isRoot(record) || isTrue(record.password_enabled)
}

function passwordUnused(record: JsonObject): number | undefined {
  if (!passwordEnabled(record)) return undefined
  return daysSince(record, 'password_last_used', 'password_last_changed', 'user_creation_time')
}

interface KeyAge {
  readonly age: number | undefined
  readonly unused: number | undefined
}

/** Of the keys that are active. */
function ages(record: JsonObject): readonly KeyAge[] {
  return [1, 2]
    .map((n) => `access_key_${n}`)
    .filter((key) => isTrue(record[`${key}_active`]))
    .map((key) => ({
      age: daysSince(record, `${key}_last_rotated`),
      unused: daysSince(record, `${key}_last_used_date`, `${key}_last_rotated`),
    }))
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true')
}

function days(...columns: readonly string[]): Row {
  return derived(`days since ${columns.join(', else ')}`, (record) => daysSince(record, ...columns))
}

/** Whole days from the first of the columns that holds a time until the report; a time behind it counts as now. */
function daysSince(record: JsonObject, ...columns: readonly string[]): number | undefined {
  const made = reportTime(record)
  const since = columns.map((column) => parseTime(record[column])).find((time) => time !== undefined)
  if (made === undefined || since === undefined) return undefined
  return Math.max(0, Math.floor((made - since) / DAY_MS))
}

function most(numbers: readonly (number | undefined)[]): FieldValue {
  const known = numbers.filter((each) => each !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}
