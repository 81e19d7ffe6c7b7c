import { join } from 'node:path'
import { loadRuleFolders } from '@weir/aggregator'
import { fileMessages, filesOf } from '@weir/ingest'
import { DEFAULTS, replay } from '@weir/pipeline'
import { systemClock } from '@weir/runtime'
import { expect, test } from 'vitest'

/** Folder of published samples; tests that need it are skipped without it. */
const CORPUS = process.env['WEIR_CORPUS']

const rules = await loadRuleFolders([new URL('../../rules', import.meta.url).pathname])

/** Standing alerts by rule over every file of a folder. */
async function alertsOver(folder: string): Promise<Readonly<Record<string, number>>> {
  const files = await filesOf([join(CORPUS ?? '', folder)])
  const deps = { clock: systemClock, stdin: process.stdin }
  const inputs = files.map((name) => ({ name, messages: fileMessages(name, deps) }))
  const standing = new Map<string, string>()
  for await (const { commit } of replay({ ...DEFAULTS, version: 'test' }, rules, inputs)) {
    for (const { alert } of commit.alerts) {
      if (alert.weir.alert.status === 'merged') standing.delete(alert.weir.alert.id)
      else standing.set(alert.weir.alert.id, alert.rule.id)
    }
  }
  const counts: Record<string, number> = {}
  for (const rule of standing.values()) counts[rule] = (counts[rule] ?? 0) + 1
  return counts
}

/** An exercise of known attacks, two stretches of ordinary work, and one call of each kind that was refused. */
test.skipIf(CORPUS === undefined).each([
  [
    'invictus-aws/CloudTrail',
    {
      'aws.access-key-for-another-user': 2,
      'aws.admin-policy-attached': 2,
      'aws.cloudtrail-stopped': 2,
      'aws.password-data-burst': 1,
      'aws.snapshot-shared': 3,
    },
  ],
  ['o365-split', { 'o365.inbox-rule-hides-mail': 1, 'o365.mailbox-opened-to-another': 1 }],
  ['pt1h-real', {}],
  ['traildiscover/docs/logExamples', {}],
])('real records of %s', async (folder, expected) => {
  expect(await alertsOver(folder)).toEqual(expected)
})
