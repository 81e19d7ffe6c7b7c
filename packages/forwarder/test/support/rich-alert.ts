import type { AlertV1 } from '@weir/contract'
import { type AlertParts, makeAlert } from './alert.ts'

/** An alert in which every member that an alert can have holds something. */
export function makeRichAlert(parts: AlertParts = {}): AlertV1 {
  return makeAlert({
    ...parts,
    extra: {
      rule: {
        id: 'entra.password-spray',
        name: 'Password spray against Entra ID',
        description: 'One address tries many accounts',
        reference: 'https://runbooks.example.org/spray',
        category: 'credential-access',
        version: '0123456789ab',
      },
      threat: {
        framework: 'MITRE ATT&CK',
        tactic: { id: ['TA0006'], name: ['Credential Access'] },
        technique: { id: ['T1078', 'T1110'], subtechnique: { id: ['T1110.003', 'T1110.004'] } },
      },
      related: { ip: ['203.0.113.9', '2001:db8::1'], user: ['kim@example.org', '7d1c'], hosts: ['vm-1'] },
      source: { ip: '203.0.113.9', port: 443, geo: { country_iso_code: 'NL' }, as: { number: 64500 } },
      destination: { ip: '2001:db8::1', port: 22 },
      user: {
        name: 'kim@example.org',
        id: '7d1c',
        email: 'kim@example.org',
        target: { name: 'root@example.org' },
      },
      cloud: {
        provider: 'azure',
        account: { id: '11111111-2222' },
        region: 'westeurope',
        service: { name: 'Entra ID' },
      },
      user_agent: { original: 'curl/8.5' },
      tags: ['credential-access', 'cloud'],
      ...parts.extra,
    },
  })
}
