import type { JsonObject } from '@weir/model'

/** ATT&CK tactics by the name that a rule's `event.type` uses; source: attack.mitre.org. */
const TACTICS: Readonly<Record<string, readonly [id: string, name: string]>> = {
  reconnaissance: ['TA0043', 'Reconnaissance'],
  'resource-development': ['TA0042', 'Resource Development'],
  'initial-access': ['TA0001', 'Initial Access'],
  execution: ['TA0002', 'Execution'],
  persistence: ['TA0003', 'Persistence'],
  'privilege-escalation': ['TA0004', 'Privilege Escalation'],
  stealth: ['TA0005', 'Stealth'],
  'defense-evasion': ['TA0005', 'Defense Evasion'],
  'defense-impairment': ['TA0112', 'Defense Impairment'],
  'credential-access': ['TA0006', 'Credential Access'],
  discovery: ['TA0007', 'Discovery'],
  'lateral-movement': ['TA0008', 'Lateral Movement'],
  collection: ['TA0009', 'Collection'],
  'command-and-control': ['TA0011', 'Command and Control'],
  exfiltration: ['TA0010', 'Exfiltration'],
  impact: ['TA0040', 'Impact'],
}

/** ECS `threat.*` of a rule: its tactic by `event.type`, its techniques by id; `undefined` when it names neither. */
export function threatOf(type: string, techniques: readonly string[]): JsonObject | undefined {
  const tactic = TACTICS[type]
  if (tactic === undefined && techniques.length === 0) return undefined
  const parents = [...new Set(techniques.map((id) => id.split('.')[0]!))]
  const children = techniques.filter((id) => id.includes('.'))
  return {
    framework: 'MITRE ATT&CK',
    ...(tactic === undefined ? {} : { tactic: { id: [tactic[0]], name: [tactic[1]] } }),
    ...(parents.length === 0
      ? {}
      : { technique: { id: parents, ...(children.length === 0 ? {} : { subtechnique: { id: children } }) } }),
  }
}
