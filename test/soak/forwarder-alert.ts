import type { AlertV1 } from '@weir/contract'

/** So many members does an alert list. */
const MEMBERS = 10

/** The line of the alert of a number, some three kilobytes, as an aggregator stores it; no two have an id in common. */
export function lineOf(seq: number): string {
  const id = Buffer.from(String(seq * 2_654_435_761))
    .toString('hex')
    .padStart(32, '0')
  return TEXT.replace('"seq":0', `"seq":${seq}`).replaceAll('IDID', id).replaceAll('SEQ', String(seq))
}

const time = (minute: number): string => `2026-03-01T10:0${minute % 10}:00.250Z`

const ALERT: AlertV1 = {
  '@timestamp': time(9),
  ecs: { version: '9.0.0' },
  message: '203.0.113.9 tried 10 accounts of example.org, the last one user-SEQ@example.org',
  event: {
    kind: 'alert',
    id: 'IDID',
    dataset: 'azure.signinlogs',
    module: 'weir',
    provider: 'weir',
    severity: 5,
    category: ['authentication'],
    action: 'Sign-in activity',
    outcome: 'failure',
    created: time(9),
    start: time(0),
    end: time(9),
  },
  rule: {
    id: 'entra.password-spray',
    name: 'Password spray against Entra ID',
    description: 'One address fails to sign in to many accounts within minutes.',
    category: 'credential-access',
    version: '0123456789ab',
  },
  threat: { framework: 'MITRE ATT&CK', technique: [{ id: 'T1110', subtechnique: [{ id: 'T1110.003' }] }] },
  related: {
    ip: ['203.0.113.9'],
    user: Array.from({ length: MEMBERS }, (_, i) => `user-${i}-SEQ@example.org`),
  },
  source: { ip: '203.0.113.9' },
  user_agent: { original: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36' },
  observer: { vendor: 'Weir', product: 'Weir', version: '0.1.0' },
  weir: {
    alert: {
      id: 'IDID',
      revision: 1,
      kind: 'detection',
      status: 'open',
      severity: 'medium',
      count: MEMBERS,
      first: time(0),
      last: time(9),
      group: { 'source.ip': '203.0.113.9' },
      events: Array.from({ length: MEMBERS }, (_, i) => ({
        id: `${i}-SEQ-9f6d2c1b-7d5e-4c1a-8d0e`,
        dataset: 'azure.signinlogs',
        time: time(i),
        position: { source: 'hubs', partition: 'entra/3', at: `17-SEQ-${i}`, index: i },
      })),
      late_by_ms: 0,
    },
  },
}

const TEXT = JSON.stringify({ seq: 0, at: time(9), alert: ALERT })
