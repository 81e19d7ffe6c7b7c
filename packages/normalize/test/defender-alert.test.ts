import { describe, expect, test } from 'vitest'
import { identityOf, subjectOf } from '../src/index.ts'
import { eventsFrom } from './corpus.ts'
import { expectFields } from './fields.ts'

const CREATED = '2026-01-02T03:04:05.1234567Z'
const TYPE = '#microsoft.graph.security'

const ALERT = {
  '@odata.type': `${TYPE}.alert`,
  id: 'ad1',
  providerAlertId: 'p1',
  incidentId: '42',
  status: 'inProgress',
  severity: 'high',
  classification: 'truePositive',
  determination: 'compromisedAccount',
  serviceSource: 'microsoftDefenderForIdentity',
  detectionSource: 'microsoftDefenderForIdentity',
  detectorId: 'd-77',
  tenantId: 'T1',
  title: 'Tickets were asked for in a way that gives secrets away.',
  description: 'Made up for this test',
  category: 'CredentialAccess',
  assignedTo: 'Soc@Example.com',
  alertWebUrl: 'https://security.microsoft.com/alerts/ad1',
  incidentWebUrl: 'https://security.microsoft.com/incidents/42',
  actorDisplayName: 'Sample Storm',
  threatDisplayName: null,
  threatFamilyName: 'Samplekit',
  mitreTechniques: ['T1558.003', 'T1003'],
  createdDateTime: CREATED,
  lastUpdateDateTime: '2026-01-03T00:00:00Z',
  firstActivityDateTime: '2026-01-02T02:00:00Z',
  lastActivityDateTime: '2026-01-02T03:00:00Z',
  systemTags: ['tag'],
  evidence: [
    {
      '@odata.type': `${TYPE}.processEvidence`,
      verdict: 'malicious',
      processId: 4711,
      processCommandLine: 'tool.exe /ask',
      imageFile: { fileName: 'Tool.exe', sha256: 'BB22' },
      userAccount: { accountName: 'SYSTEM', domainName: 'NT AUTHORITY' },
    },
    {
      '@odata.type': `${TYPE}.deviceEvidence`,
      verdict: 'suspicious',
      deviceDnsName: 'PC-1.example.com',
      mdeDeviceId: 'm1',
      osPlatform: 'Windows11',
    },
    {
      '@odata.type': `${TYPE}.userEvidence`,
      verdict: 'malicious',
      userAccount: {
        accountName: 'ada',
        domainName: 'EXAMPLE',
        userSid: 'S-1-5-21-1',
        azureAdUserId: 'u1',
        userPrincipalName: 'Ada@Example.com',
        displayName: 'Ada',
      },
    },
    { '@odata.type': `${TYPE}.ipEvidence`, ipAddress: '203.0.113.9', countryLetterCode: 'SE' },
    { '@odata.type': `${TYPE}.ipEvidence`, ipAddress: '203.0.113.10' },
    {
      '@odata.type': `${TYPE}.fileEvidence`,
      fileDetails: { fileName: 'tool.exe', filePath: 'C:\\t', sha1: 'AA11', sha256: 'BB22' },
    },
  ],
}

describe('m365_defender.alert', () => {
  test('who, what, where and how bad, from the alert and its evidence', () => {
    expectFields(ALERT, {
      'event.dataset': 'm365_defender.alert',
      'event.kind': 'alert',
      'event.id': 'ad1',
      'event.action': 'tickets were asked for in a way that gives secrets away',
      'event.category': ['intrusion_detection'],
      'event.provider': 'microsoftDefenderForIdentity',
      'event.code': 'd-77',
      'event.url': 'https://security.microsoft.com/alerts/ad1',
      'event.start': '2026-01-02T02:00:00Z',
      'rule.name': 'tickets were asked for in a way that gives secrets away',
      'threat.technique.id': ['T1558.003', 'T1003'],
      'threat.tactic.name': 'CredentialAccess',
      'threat.group.name': 'Sample Storm',
      'threat.software.name': 'Samplekit',
      'user.name': 'ada@example.com',
      'user.id': 'u1',
      'user.domain': 'example',
      'user.full_name': 'Ada',
      'host.name': 'pc-1.example.com',
      'host.id': 'm1',
      'host.os.full': 'Windows11',
      'source.ip': '203.0.113.9',
      'source.geo.country_iso_code': 'SE',
      'file.name': 'tool.exe',
      'file.path': 'C:\\t',
      'file.hash.sha1': 'aa11',
      'file.hash.sha256': 'bb22',
      'process.pid': 4711,
      'process.name': 'tool.exe',
      'process.command_line': 'tool.exe /ask',
      'm365_defender.alert.incident_id': '42',
      'm365_defender.alert.severity': 'high',
      'm365_defender.alert.status': 'inprogress',
      'm365_defender.alert.classification': 'truepositive',
      'm365_defender.alert.determination': 'compromisedaccount',
      'm365_defender.alert.assigned_to': 'soc@example.com',
      'm365_defender.alert.evidence.count': 6,
      'm365_defender.alert.evidence.types': ['process', 'device', 'user', 'ip', 'file'],
      'm365_defender.alert.evidence.users': ['Ada@Example.com'],
      'm365_defender.alert.evidence.ips': ['203.0.113.9', '203.0.113.10'],
      'm365_defender.alert.evidence.verdicts': ['malicious', 'suspicious'],
    })
    expect(eventsFrom(ALERT)[0]!.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 123))
  })

  test('mail: the mailbox stands for the user, the message for what was sent', () => {
    const evidence = [
      { '@odata.type': `${TYPE}.mailboxEvidence`, primaryAddress: 'Bo@Example.com', displayName: 'Bo' },
      {
        '@odata.type': `${TYPE}.analyzedMessageEvidence`,
        subject: 'An invoice',
        networkMessageId: 'n1',
        internetMessageId: '<m1>',
        recipientEmailAddress: 'bo@example.com',
        p1Sender: { emailAddress: 'bounce@evil.example' },
        p2Sender: { emailAddress: 'Boss@evil.example' },
      },
      { '@odata.type': `${TYPE}.urlEvidence`, url: 'https://evil.example/x' },
    ]
    expectFields(
      { ...ALERT, category: 'Malware', evidence },
      {
        'event.category': ['malware'],
        'user.name': 'bo@example.com',
        'user.full_name': 'Bo',
        'email.subject': 'An invoice',
        'email.local_id': 'n1',
        'email.message_id': '<m1>',
        'email.sender.address': 'boss@evil.example',
        'email.to.address': 'bo@example.com',
        'url.original': 'https://evil.example/x',
        'host.name': undefined,
        'source.ip': undefined,
      },
    )
  })

  test('without evidence, or with some that is no list, there is still an alert', () => {
    const nobody = {
      'user.name': undefined,
      'm365_defender.alert.evidence.types': undefined,
      'event.id': 'ad1',
    }
    for (const evidence of [undefined, null, [], {}, 'none', [null, 7, {}, { '@odata.type': 3 }]])
      expectFields({ ...ALERT, evidence }, { 'event.id': nobody['event.id'], 'user.name': undefined })
    expectFields({ ...ALERT, evidence: [] }, nobody)
  })

  test('an alert that changed is another event of the same subject, one that did not is the same', () => {
    const [first] = eventsFrom(ALERT)
    const [same] = eventsFrom({ ...ALERT })
    const [changed] = eventsFrom({ ...ALERT, status: 'resolved', lastUpdateDateTime: '2026-01-04T00:00:00Z' })
    expect(identityOf(same!)).toBe(identityOf(first!))
    expect(identityOf(changed!)).not.toBe(identityOf(first!))
    expect(subjectOf(changed!)).toBe(subjectOf(first!))
  })
})
