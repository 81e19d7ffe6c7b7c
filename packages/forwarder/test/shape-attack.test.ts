import { expect, test } from 'vitest'
import { attackIds } from '../src/formats/attack.ts'
import { numbered } from '../src/shape/attack-numbering.ts'
import { TECHNIQUE_NAMES, TECHNIQUES } from '../src/shape/attack-versions.ts'
import { makeAlert } from './support/alert.ts'

/** As the aggregator writes a rule's tactic and techniques. */
function threat(tactic: readonly [string, string] | undefined, ...ids: string[]) {
  const parents = [...new Set(ids.map((id) => id.split('.')[0]!))]
  const parts = ids.filter((id) => id.includes('.'))
  return {
    framework: 'MITRE ATT&CK',
    ...(tactic && { tactic: { id: [tactic[0]], name: [tactic[1]] } }),
    technique: { id: parents, ...(parts.length > 0 && { subtechnique: { id: parts } }) },
  }
}

const STEALTH = ['TA0005', 'Stealth'] as const
const EVASION = ['TA0005', 'Defense Evasion'] as const
const IMPAIRMENT = ['TA0112', 'Defense Impairment'] as const
const ACCESS = ['TA0006', 'Credential Access'] as const

test.each([
  ['a cloud log', [IMPAIRMENT, 'T1685.002'], [EVASION, 'T1562', 'T1562.008']],
  ['a cloud firewall', [IMPAIRMENT, 'T1686.001'], [EVASION, 'T1562', 'T1562.007']],
  ['tools as a whole', [IMPAIRMENT, 'T1685'], [EVASION, 'T1562', 'T1562.001']],
  ['windows event logs', [IMPAIRMENT, 'T1685.005'], [EVASION, 'T1070', 'T1070.001']],
  ['what was a technique and became a part', [STEALTH, 'T1684.001'], [EVASION, 'T1656']],
  [
    'what stays beside what changes',
    [IMPAIRMENT, 'T1078.004', 'T1685.002'],
    [EVASION, 'T1078', 'T1562', 'T1078.004', 'T1562.008'],
  ],
  ['what has no change', [ACCESS, 'T1110.003'], [ACCESS, 'T1110', 'T1110.003']],
  ['what release 18 does not have', [IMPAIRMENT, 'T1687'], [EVASION, 'T1211']],
] as const)('release 18 for %s', (_, [tactic, ...ids], [old, ...expected]) => {
  const written = numbered(makeAlert({ extra: { threat: threat(tactic, ...ids) } }), 'v18')
  expect(written.threat).toMatchObject({ tactic: { id: [old[0]], name: [old[1]] } })
  expect(attackIds(written).sort()).toEqual([...expected].sort())
})

test.each([
  ['a cloud log', [EVASION, 'T1562.008'], [IMPAIRMENT, 'T1685', 'T1685.002']],
  ['the old technique as a whole', [EVASION, 'T1562'], [IMPAIRMENT, 'T1685']],
  ['two that became one', [EVASION, 'T1562.001', 'T1562.006'], [IMPAIRMENT, 'T1685']],
  ['what stays under the tactic', [EVASION, 'T1027'], [STEALTH, 'T1027']],
  ['a part that became two tactics', [EVASION, 'T1562.001', 'T1027'], [STEALTH, 'T1685', 'T1027']],
  ['what is numbered so already', [IMPAIRMENT, 'T1685.002'], [IMPAIRMENT, 'T1685', 'T1685.002']],
] as const)('release 19 for %s', (_, [tactic, ...ids], [now, ...expected]) => {
  const written = numbered(makeAlert({ extra: { threat: threat(tactic, ...ids) } }), 'v19')
  expect(written.threat).toMatchObject({ tactic: { id: [now[0]], name: [now[1]] } })
  expect(attackIds(written).sort()).toEqual([...expected].sort())
})

test('names go with the ids, where every one is known', () => {
  const alert = makeAlert({ extra: { threat: threat(IMPAIRMENT, 'T1685.002') } })
  expect(numbered(alert, 'v18').threat).toEqual({
    framework: 'MITRE ATT&CK',
    tactic: { id: ['TA0005'], name: ['Defense Evasion'] },
    technique: {
      id: ['T1562'],
      name: ['Impair Defenses'],
      subtechnique: { id: ['T1562.008'], name: ['Disable or Modify Cloud Logs'] },
    },
  })
})

test('there and back again is where it began', () => {
  for (const [now, old] of TECHNIQUES.v18) {
    if (now === 'T1686.003' || now === 'T1687') continue
    const alert = makeAlert({ extra: { threat: threat(undefined, now) } })
    expect(attackIds(numbered(alert, 'v18'))).toContain(old)
    expect(attackIds(numbered(numbered(alert, 'v18'), 'v19'))).toContain(now)
  }
})

test('every id of the tables has a name in its release', () => {
  for (const release of ['v18', 'v19'] as const)
    for (const id of TECHNIQUES[release].values()) expect(TECHNIQUE_NAMES[release].get(id), id).toBeDefined()
})

test('an alert without a threat has none afterwards', () => {
  expect(numbered(makeAlert({ extra: { threat: undefined } }), 'v18').threat).toBeUndefined()
})
