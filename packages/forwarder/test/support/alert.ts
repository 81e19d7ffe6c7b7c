import type { AlertV1 } from '@weir/contract'

export interface AlertParts {
  readonly id?: string
  readonly revision?: number
  readonly severity?: AlertV1['weir']['alert']['severity']
  readonly kind?: 'detection' | 'health'
  readonly name?: string
  readonly message?: string
  readonly extra?: Partial<AlertV1>
  readonly weir?: Partial<AlertV1['weir']['alert']>
}

/** An alert as the aggregator makes them. */
export function makeAlert(parts: AlertParts = {}): AlertV1 {
  const { id = 'a-1', revision = 1, severity = 'high', kind = 'detection' } = parts
  return {
    '@timestamp': '2026-03-01T10:05:00.250Z',
    ecs: { version: '9.0.0' },
    message: parts.message ?? '203.0.113.9 tried 12 accounts',
    event: {
      kind: 'alert',
      id,
      dataset: 'azure.signinlogs',
      module: 'weir',
      provider: 'weir',
      severity: 73,
      category: ['credential-access'],
      action: 'Sign-in activity',
      outcome: 'failure',
      created: '2026-03-01T10:05:02.000Z',
      start: '2026-03-01T10:00:00.000Z',
      end: '2026-03-01T10:05:00.250Z',
    },
    rule: { id: 'entra.password-spray', name: parts.name ?? 'Password spray against Entra ID' },
    threat: { framework: 'MITRE ATT&CK', technique: [{ id: 'T1110', subtechnique: [{ id: 'T1110.003' }] }] },
    source: { ip: '203.0.113.9' },
    user: { name: 'kim@example.org', id: '7d1c', target: { name: 'root@example.org' } },
    observer: { vendor: 'Weir', product: 'Weir', version: '0.1.0' },
    weir: {
      alert: {
        id,
        revision,
        kind,
        status: 'open',
        severity,
        count: 12,
        first: '2026-03-01T10:00:00.000Z',
        last: '2026-03-01T10:05:00.250Z',
        group: { 'source.ip': '203.0.113.9' },
        events: [member('e-1', '2026-03-01T10:00:00.000Z'), member('e-2', '2026-03-01T10:05:00.250Z')],
        late_by_ms: 0,
        ...parts.weir,
      },
    },
    ...parts.extra,
  }
}

export function member(id: string, time: string): AlertV1['weir']['alert']['events'][number] {
  return {
    id,
    dataset: 'azure.signinlogs',
    time,
    position: { source: 'hub', partition: '0', at: '17', index: 0 },
  }
}
