import { describe, expect, test } from 'vitest'
import { identityOf } from '../src/index.ts'
import { eventsFrom } from './corpus.ts'
import { expectFields, type Fields } from './fields.ts'

const AT = 'aws.iam_credential_report.'
const MADE = '2026-03-10T09:00:00Z'

function row(more: object = {}): object {
  const user = { user: 'Ada', arn: 'arn:aws:iam::111122223333:user/Ada', report_time: MADE }
  const password = {
    password_enabled: 'true',
    password_last_used: 'no_information',
    password_last_changed: 'N/A',
  }
  const keys = { access_key_1_active: 'false', access_key_2_active: 'false', mfa_active: 'false' }
  return { ...user, user_creation_time: '2025-03-10T09:00:00+00:00', ...password, ...keys, ...more }
}

function said(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [AT + name, value]))
}

describe('aws.iam_credential_report', () => {
  test('who it is, and when it was said', () => {
    expectFields(row(), {
      'event.id': 'arn:aws:iam::111122223333:user/Ada/2026-03-10',
      'event.created': MADE,
      'cloud.account.id': '111122223333',
      'user.name': 'ada',
      'user.id': 'arn:aws:iam::111122223333:user/Ada',
      [`${AT}user.age_days`]: 365,
    })
    expect(eventsFrom(row())[0]!.time).toBe(Date.parse(MADE))
  })

  test('root has a password, whatever the report says', () => {
    const root = {
      user: '<root_account>',
      arn: 'arn:aws:iam::111122223333:root',
      password_enabled: 'not_supported',
    }
    expectFields(row(root), {
      'user.name': 'root',
      ...said({ root: true, 'password.enabled': true, mfa_active: false, 'access_key.active': false }),
    })
  })

  test.each<[string, object, Fields]>([
    ['used yesterday', { password_last_used: '2026-03-09T08:59:59+00:00' }, { 'password.unused_days': 1 }],
    ['used just now', { password_last_used: '2026-03-10T09:30:00+00:00' }, { 'password.unused_days': 0 }],
    [
      'never used, changed',
      { password_last_changed: '2025-12-10T09:00:00+00:00' },
      { 'password.unused_days': 90 },
    ],
    ['never used or changed', {}, { 'password.unused_days': 365, 'password.age_days': undefined }],
    ['none', { password_enabled: 'false' }, { 'password.enabled': false, 'password.unused_days': undefined }],
  ])('a password: %s', (_, more, fields) => expectFields(row(more), said(fields)))

  const first = { access_key_1_active: 'true', access_key_1_last_rotated: '2025-12-11T09:00:00+00:00' }
  const second = { access_key_2_active: 'true', access_key_2_last_rotated: '2025-11-30T09:00:00+00:00' }
  test.each<[string, object, Fields]>([
    ['none', {}, { 'access_key.active': false, 'access_key.age_days': undefined }],
    [
      'never used',
      first,
      { 'access_key.age_days': 89, 'access_key.unused_days': 89, 'access_key_1.active': true },
    ],
    [
      'used',
      {
        ...first,
        access_key_1_last_used_date: '2026-03-08T09:00:00+00:00',
        access_key_1_last_used_service: 's3',
      },
      { 'access_key.age_days': 89, 'access_key.unused_days': 2, 'access_key_1.last_used_service': 's3' },
    ],
    ['two, of which the older counts', { ...first, ...second }, { 'access_key.age_days': 100 }],
    [
      'an older one that is off',
      { ...first, ...second, access_key_2_active: 'false', access_key_2_last_used_service: 'N/A' },
      {
        'access_key.age_days': 89,
        'access_key_2.age_days': 100,
        'access_key_2.last_used_service': undefined,
      },
    ],
  ])('access keys: %s', (_, more, fields) => expectFields(row(more), said(fields)))

  test('a report of the same day says the same, one of the next day does not', () => {
    const identity = (report_time: string): string => identityOf(eventsFrom(row({ report_time }))[0]!)
    expect(identity('2026-03-10T23:59:59Z')).toBe(identity(MADE))
    expect(identity('2026-03-11T00:00:00Z')).not.toBe(identity(MADE))
  })
})
