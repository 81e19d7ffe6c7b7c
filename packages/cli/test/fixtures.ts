import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A CloudTrail record of our own making. */
export function trail(n: number, eventName = 'ListTrails', more: object = {}): object {
  return {
    eventVersion: '1.08',
    eventTime: new Date(Date.UTC(2026, 0, 2, 3, 4, n)).toISOString(),
    eventID: `trail-${n}`,
    eventSource: 'cloudtrail.amazonaws.com',
    eventName,
    awsRegion: 'eu-central-1',
    recipientAccountId: '111122223333',
    sourceIPAddress: '198.51.100.7',
    userIdentity: { type: 'IAMUser', userName: 'ada' },
    ...more,
  }
}

export function lines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

export const RULE = {
  id: 'test.trail-deleted',
  name: 'A trail was deleted',
  description: 'Somebody deleted a trail.',
  severity: 'high',
  attack: ['T1562.008'],
  dataset: ['aws.cloudtrail'],
  conditions: { all: [{ fact: 'event.action', operator: 'equal', value: 'deletetrail' }] },
  event: { type: 'defense-evasion', params: { message: '{{user.name}} deleted a trail' } },
}

/** A folder with one rule, which every `DeleteTrail` satisfies. */
export function writeRules(folder: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'trail-deleted.json'), JSON.stringify(RULE, null, 2))
  return folder
}
