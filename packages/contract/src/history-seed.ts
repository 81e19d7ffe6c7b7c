const AT = '2026-01-01T00:00:00.000Z'
const ECS = { version: '8.17.0' }
const TACTICS = [
  'Initial Access',
  'Execution',
  'Persistence',
  'Privilege Escalation',
  'Stealth',
  'Credential Access',
  'Discovery',
  'Lateral Movement',
  'Collection',
  'Command and Control',
  'Exfiltration',
  'Impact',
  'Defense Impairment',
]
const OBSERVER = { vendor: 'Weir', product: 'Weir', version: '0.1.0' }
const MITRE = 'MITRE ATT&CK'

/**
 * Where every history begins: lines as the feed has them, so that even the first alert of a session is packed against
 * something. Both sides must hold the same bytes; after a change of these, pages of a session's beginning go by
 * themselves until both are of one version.
 */
export const HISTORY_SEED = Buffer.from(
  [health(), entra(), aws()].map((alert, n) => `${JSON.stringify({ seq: n, at: AT, alert })}\n`).join('') +
    `{"skip":{"from":1,"to":2,"reason":"superseded","chain":"{"end":{"lane":"urgent","seq":1,"chain":"{"end":{"lane":"bulk","seq":1,"chain":"`,
)

function health() {
  const rule = { id: 'weir.source-silent', name: 'Source fell silent' }
  return {
    '@timestamp': AT,
    ecs: ECS,
    message: 'Source cannot be reached: hubs, for longer than 60 s; ',
    event: {
      ...begin('weir.health', 8),
      category: ['configuration', 'authentication', 'iam', 'network', 'process', 'session', 'threat'],
      type: [
        'info',
        'change',
        'creation',
        'deletion',
        'start',
        'admin',
        'user',
        'group',
        'access',
        'denied',
        'allowed',
      ],
      created: AT,
      start: AT,
      end: AT,
    },
    rule,
    observer: OBSERVER,
    weir: {
      alert: tail(
        'health',
        'open',
        'high',
        { code: 'source-cut-off', subject: 'hubs/insights-logs-signinlogs/0' },
        [],
      ),
      remedy: 'Run `weir doctor` beside the aggregator: it names the host, the credential and the error.',
    },
  }
}

function entra() {
  return {
    '@timestamp': AT,
    ecs: ECS,
    message: '203.0.113.9 tried 12 accounts in 10 minutes',
    event: {
      ...begin('weir.alert', 5, 'Microsoft.aadiam'),
      category: ['authentication'],
      type: ['start'],
      action: 'sign-in activity',
      outcome: 'failure',
      created: AT,
      start: AT,
      end: AT,
    },
    rule: {
      id: 'entra.password-spray',
      name: 'Password spray against Entra ID',
      category: 'credential-access',
      version: '000000000000',
      description: 'Detects when an account of the tenant is changed by an attacker. This can indicate that ',
      reference: 'https://learn.microsoft.com/en-us/entra/identity/monitoring-health/',
    },
    threat: {
      framework: MITRE,
      tactic: { id: ['TA0006', 'TA0003', 'TA0004', 'TA0001'], name: TACTICS },
      technique: { id: ['T1110', 'T1078'], subtechnique: { id: ['T1110.003', 'T1078.004', 'T1098.003'] } },
    },
    related: { ip: ['203.0.113.9'], user: ['ada@contoso.example'], hosts: ['host'] },
    source: { ip: '203.0.113.9', geo: { country_iso_code: 'DE' }, as: { number: 64500 } },
    destination: { ip: '198.51.100.7', port: 443, domain: 'login.microsoftonline.com' },
    user: {
      name: 'ada@contoso.example',
      id: '00000000-0000-0000-0000-000000000000',
      email: 'ada@contoso.example',
      domain: 'contoso.example',
      target: { name: 'bob@contoso.example', id: '00000000-0000-0000-0000-000000000000' },
    },
    cloud: {
      provider: 'azure',
      account: { id: '00000000-0000-0000-0000-000000000000' },
      region: 'westeurope',
    },
    user_agent: {
      original: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)',
    },
    tags: [
      'credential-access',
      'sigma',
      'sigma.id.00000000',
      'sigma.status.test',
      'attack.credential-access',
    ],
    observer: OBSERVER,
    weir: {
      alert: tail('detection', 'open', 'medium', { 'source.ip': '203.0.113.9', 'user.name': 'ada' }, [
        member('azure.signinlogs', 'hubs', 'insights-logs-signinlogs/0'),
        member('o365.audit', 'o365', 'Audit.Exchange'),
      ]),
    },
  }
}

function aws() {
  return {
    '@timestamp': AT,
    ecs: ECS,
    message: 'ada from 203.0.113.9',
    event: {
      ...begin('weir.alert', 5, 'iam.amazonaws.com'),
      category: ['iam'],
      type: ['change', 'user'],
      action: 'createaccesskey',
      outcome: 'success',
      created: AT,
      start: AT,
      end: AT,
    },
    rule: { id: 'aws.', name: 'AWS ', category: 'persistence', version: '000000000000' },
    threat: {
      framework: MITRE,
      tactic: { id: ['TA0003'], name: ['Persistence'] },
      technique: { id: ['T1098'] },
    },
    related: { ip: ['203.0.113.9'], user: ['ada', 'AIDA0000000000000000'] },
    source: { ip: '203.0.113.9' },
    user: { name: 'ada', id: 'AIDA0000000000000000' },
    cloud: {
      provider: 'aws',
      account: { id: '111122223333' },
      region: 'us-east-1',
      service: { name: 'iam' },
    },
    user_agent: { original: 'aws-cli/2.13.0 Python/3.11 Linux/5.15 exe/x86_64 prompt/off command/iam' },
    observer: OBSERVER,
    weir: {
      alert: tail('detection', 'closed', 'medium', {}, [
        member('aws.cloudtrail', 's3', 'bucket/AWSLogs/CloudTrail'),
      ]),
    },
  }
}

function begin(dataset: string, severity: number, provider = 'weir') {
  const id = '00000000000000000000000000000000'
  return { kind: 'alert', id, dataset, module: 'weir', provider, severity }
}

function tail(kind: string, status: string, severity: string, group: object, events: readonly object[]) {
  const id = '00000000000000000000000000000000'
  const head = { id, revision: 1, kind, status, severity, count: 1 }
  return { ...head, first: AT, last: AT, group, events, late_by_ms: 0 }
}

function member(dataset: string, source: string, partition: string) {
  const id = '00000000-0000-0000-0000-000000000000'
  return { id, dataset, time: AT, position: { source, partition, at: '0', index: 0 } }
}
