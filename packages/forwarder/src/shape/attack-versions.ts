/** A technique of release 19 of ATT&CK and the id that release 18 has for it. */
interface Renumbered {
  readonly v19: string
  readonly v18: string
}

/**
 * What release 19 (April 2026) numbered anew when it divided Defense Evasion: T1562 and parts of T1070, T1656 and
 * T1672. Two that release 18 does not know are written as what comes nearest there: T1686.003 and T1687.
 */
const RENUMBERED: readonly Renumbered[] = [
  { v19: 'T1684.001', v18: 'T1656' },
  { v19: 'T1684.002', v18: 'T1672' },
  { v19: 'T1685', v18: 'T1562.001' },
  { v19: 'T1685.001', v18: 'T1562.002' },
  { v19: 'T1685.002', v18: 'T1562.008' },
  { v19: 'T1685.003', v18: 'T1562.011' },
  { v19: 'T1685.004', v18: 'T1562.012' },
  { v19: 'T1685.005', v18: 'T1070.001' },
  { v19: 'T1685.006', v18: 'T1070.002' },
  { v19: 'T1686', v18: 'T1562.004' },
  { v19: 'T1686.001', v18: 'T1562.007' },
  { v19: 'T1686.002', v18: 'T1562.013' },
  { v19: 'T1688', v18: 'T1562.009' },
  { v19: 'T1689', v18: 'T1562.010' },
  { v19: 'T1690', v18: 'T1562.003' },
]

/** Ids of one release by those of the other. */
export const TECHNIQUES = {
  v18: new Map([
    ...RENUMBERED.map(({ v18, v19 }) => [v19, v18] as const),
    ['T1686.003', 'T1562.004'],
    ['T1687', 'T1211'],
  ]),
  v19: new Map([
    ...RENUMBERED.map(({ v18, v19 }) => [v18, v19] as const),
    ['T1562', 'T1685'],
    ['T1562.006', 'T1685'],
  ]),
} as const

/** Names of the techniques above, as each release has them. */
export const TECHNIQUE_NAMES = {
  v18: new Map([
    ['T1070', 'Indicator Removal'],
    ['T1070.001', 'Clear Windows Event Logs'],
    ['T1070.002', 'Clear Linux or Mac System Logs'],
    ['T1211', 'Exploitation for Defense Evasion'],
    ['T1562', 'Impair Defenses'],
    ['T1562.001', 'Disable or Modify Tools'],
    ['T1562.002', 'Disable Windows Event Logging'],
    ['T1562.003', 'Impair Command History Logging'],
    ['T1562.004', 'Disable or Modify System Firewall'],
    ['T1562.006', 'Indicator Blocking'],
    ['T1562.007', 'Disable or Modify Cloud Firewall'],
    ['T1562.008', 'Disable or Modify Cloud Logs'],
    ['T1562.009', 'Safe Mode Boot'],
    ['T1562.010', 'Downgrade Attack'],
    ['T1562.011', 'Spoof Security Alerting'],
    ['T1562.012', 'Disable or Modify Linux Audit System'],
    ['T1562.013', 'Disable or Modify Network Device Firewall'],
    ['T1656', 'Impersonation'],
    ['T1672', 'Email Spoofing'],
  ]),
  v19: new Map([
    ['T1211', 'Exploitation for Stealth'],
    ['T1684', 'Social Engineering'],
    ['T1684.001', 'Impersonation'],
    ['T1684.002', 'Email Spoofing'],
    ['T1685', 'Disable or Modify Tools'],
    ['T1685.001', 'Disable or Modify Windows Event Log'],
    ['T1685.002', 'Disable or Modify Cloud Log'],
    ['T1685.003', 'Modify or Spoof Tool UI'],
    ['T1685.004', 'Disable or Modify Linux Audit System Log'],
    ['T1685.005', 'Clear Windows Event Logs'],
    ['T1685.006', 'Clear Linux or Mac System Logs'],
    ['T1686', 'Disable or Modify System Firewall'],
    ['T1686.001', 'Cloud Firewall'],
    ['T1686.002', 'Network Device Firewall'],
    ['T1686.003', 'Windows Host Firewall'],
    ['T1687', 'Exploitation for Defense Impairment'],
    ['T1688', 'Safe Mode Boot'],
    ['T1689', 'Downgrade Attack'],
    ['T1690', 'Prevent Command History Logging'],
  ]),
} as const

/** The tactic that release 19 divided: its new name, and the one that took a part of it. */
export const DEFENSE_EVASION = { id: 'TA0005', name: 'Defense Evasion' } as const
export const STEALTH = { id: 'TA0005', name: 'Stealth' } as const
export const DEFENSE_IMPAIRMENT = { id: 'TA0112', name: 'Defense Impairment' } as const

/** Techniques that release 19 made of Defense Evasion's, and filed under Defense Impairment. */
export const IMPAIRING: readonly string[] = ['T1685', 'T1686', 'T1687', 'T1688', 'T1689', 'T1690']
