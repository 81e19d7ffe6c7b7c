import { describe, expect, test } from 'vitest'
import { identityOf, subjectOf, unwrap } from '../src/index.ts'
import { eventsFrom } from './corpus.ts'
import { expectFields, type Fields } from './fields.ts'

const AT = '2026-01-02T03:04:05.1234567Z'
const TOLD = Date.UTC(2026, 0, 2, 3, 4, 5, 123)

describe('microsoft_defender_cloud.event', () => {
  const VM = '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1'
  const expected: Fields = {
    'event.id': 'a1',
    'event.kind': 'alert',
    'event.code': 'VM_X',
    'event.category': ['intrusion_detection'],
    'rule.name': 'log-in from a suspicious address',
    'user.name': 'ann@example.com',
    'source.ip': '203.0.113.9',
    'host.name': 'vm1',
    'process.command_line': 'php x',
    'cloud.account.id': 's1',
    'microsoft_defender_cloud.event.severity': 'high',
    'microsoft_defender_cloud.event.status': 'active',
    'microsoft_defender_cloud.event.is_snapshot': undefined,
  }

  test('an alert as the REST interface has it', () => {
    const record = {
      id: '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Security/locations/x/alerts/a1',
      name: 'a1',
      type: 'Microsoft.Security/Locations/alerts',
      properties: {
        systemAlertId: 'a1',
        alertDisplayName: 'Log-in from a suspicious address.',
        alertType: 'VM_X',
        severity: 'High',
        status: 'Active',
        compromisedEntity: 'VM1',
        timeGeneratedUtc: AT,
        startTimeUtc: '2026-01-02T03:00:00Z',
        entities: [
          { type: 'host', hostName: 'VM1' },
          { type: 'ip', address: '203.0.113.9', location: { countryCode: 'DE' } },
          { type: 'account', name: 'Ann', upnSuffix: 'example.com' },
          { type: 'process', commandLine: 'php x' },
        ],
      },
    }
    expect(eventsFrom(record)[0]?.time).toBe(TOLD)
    expectFields(record, { ...expected, 'source.geo.country_iso_code': 'DE' })
  })

  test('the same alert flat, with capitals', () => {
    const record = {
      SystemAlertId: 'a1',
      AlertDisplayName: 'Log-in from a suspicious address',
      AlertType: 'VM_X',
      ProductName: 'Microsoft Defender for Cloud',
      Severity: 'High',
      Status: 'Active',
      CompromisedEntity: 'VM1',
      TimeGenerated: AT,
      AzureResourceId: VM,
      Entities: [
        { Type: 'host', HostName: 'VM1' },
        { Type: 'ip', Address: '203.0.113.9' },
        { Type: 'account', Name: 'Ann', UPNSuffix: 'example.com' },
        { Type: 'process', CommandLine: 'php x' },
      ],
      ExtendedProperties: { 'Client IP address': '192.0.2.1' },
    }
    expect(eventsFrom(record)[0]?.time).toBe(TOLD)
    expectFields(record, { ...expected, 'cloud.account.id': 's1', 'azure.resource.id': VM.toLowerCase() })
  })

  test('the same alert in the activity log', () => {
    const record = {
      time: AT,
      resourceId: VM,
      category: 'Security',
      operationName: 'Microsoft.Security/locations/alerts/activate/action',
      resultType: 'Active',
      properties: {
        eventName: 'Log-in from a suspicious address.',
        severity: 'High',
        compromisedEntity: 'VM1',
        intent: '"PreAttack"',
      },
    }
    expect(eventsFrom(record)[0]?.dataset.name).toBe('azure.activitylogs')
    expectFields(record, {
      'event.kind': 'alert',
      'event.category': ['intrusion_detection'],
      'rule.name': 'log-in from a suspicious address',
      'azure.activitylogs.severity': 'High',
      'azure.activitylogs.compromised_entity': 'VM1',
      'azure.activitylogs.intent': 'PreAttack',
    })
    expectFields({ ...record, category: 'Administrative' }, { 'event.kind': 'event', 'rule.name': undefined })
  })

  test('an object that nests beyond reason is read all the same', () => {
    const nested = `${'{"A":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    const text = `{"Type":"Microsoft.Security/assessments","Id":"x","Properties":${nested}}`
    const { records, quarantined } = unwrap(Buffer.from(text))
    expect([records.length, quarantined.length, records[0]?.id]).toEqual([1, 0, 'x'])
  })

  test('an alert that was closed later is a further state of it', () => {
    const states = ['Active', 'Dismissed'].flatMap((status) =>
      eventsFrom({
        type: 'Microsoft.Security/Locations/alerts',
        properties: { systemAlertId: 'a1', status },
      }),
    )
    expect(new Set(states.map(identityOf)).size).toBe(2)
    expect(new Set(states.map(subjectOf))).toEqual(new Set(['a1']))
  })

  const assessment = (isSnapshot: boolean, code = 'Unhealthy') => ({
    securityEventDataEnrichment: { action: 'Write', isSnapshot },
    tenantId: 'T1',
    type: 'Microsoft.Security/assessments',
    id: `${VM}/providers/Microsoft.Security/assessments/x1`,
    properties: {
      displayName: 'Disks should be encrypted',
      resourceDetails: { source: 'Azure', id: VM },
      status: { code, statusChangeDate: AT },
      metadata: { severity: 'High', categories: ['Compute'] },
    },
  })

  test('a recommendation: of what, how bad, since when; a snapshot counts from when it arrives', () => {
    expect(eventsFrom(assessment(false))[0]?.time).toBe(TOLD)
    expect(eventsFrom(assessment(true))[0]?.time).toBe(0)
    expectFields(assessment(true), {
      'event.kind': 'state',
      'event.category': ['configuration'],
      'rule.name': 'disks should be encrypted',
      'azure.resource.name': 'vm1',
      'cloud.account.id': 's1',
      'microsoft_defender_cloud.event.status': 'unhealthy',
      'microsoft_defender_cloud.event.severity': 'high',
      'microsoft_defender_cloud.event.is_snapshot': true,
    })
    const states = [assessment(false), assessment(true), assessment(false, 'Healthy')]
    expect(new Set(states.flatMap((each) => eventsFrom(each)).map(identityOf)).size).toBe(3)
  })

  test('a finding beneath a recommendation, with capitals; a score', () => {
    const finding = {
      SecurityEventDataEnrichment: { Action: 'Delete', IsSnapshot: false },
      TenantId: 'T1',
      Type: 'Microsoft.Security/assessments/subAssessments',
      Id: `${VM}/providers/Microsoft.Security/assessments/x1/subassessments/y1`,
      Properties: {
        DisplayName: 'DCCP is on',
        Status: { Code: 'Unhealthy', Severity: 'Low' },
        TimeGenerated: AT,
        ResourceDetails: { Source: 'Azure', Id: VM },
      },
    }
    expect(eventsFrom(finding)[0]?.time).toBe(TOLD)
    expectFields(finding, {
      'rule.name': 'dccp is on',
      'microsoft_defender_cloud.event.severity': 'low',
      'microsoft_defender_cloud.event.is_snapshot': false,
      'azure.tenant_id': 't1',
      'azure.resource.name': 'vm1',
    })
    expectFields(
      {
        type: 'Microsoft.Security/secureScores',
        id: '/subscriptions/s1/providers/Microsoft.Security/secureScores/ascScore',
        properties: { score: { max: 58, current: 23.5, percentage: 0.405 } },
      },
      {
        'cloud.account.id': 's1',
        'microsoft_defender_cloud.event.score.current': 23.5,
        'microsoft_defender_cloud.event.score.max': 58,
      },
    )
  })
})
