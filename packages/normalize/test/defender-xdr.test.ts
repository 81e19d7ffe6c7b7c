import { describe, expect, test } from 'vitest'
import { identityOf } from '../src/index.ts'
import { eventsFrom } from './corpus.ts'
import { expectFields, type Fields } from './fields.ts'

const AT = '2026-01-02T03:04:05.1234567Z'
const TOLD = Date.UTC(2026, 0, 2, 3, 4, 5, 123)

describe('m365_defender.event', () => {
  const row = (table: string, properties: object) => ({
    time: '2026-01-02T04:00:00Z',
    tenantId: 'T1',
    operationName: 'Publish',
    category: `AdvancedHunting-${table}`,
    properties: { Timestamp: AT, ...properties },
  })
  const device = { DeviceId: 'd1', DeviceName: 'PC1.Example', MachineGroup: 'all', ReportId: 5 }
  const onDevice: Fields = { 'host.name': 'pc1.example', 'host.id': 'd1' }
  const by = {
    InitiatingProcessFileName: 'Cmd.exe',
    InitiatingProcessCommandLine: 'cmd /c x',
    InitiatingProcessId: 7,
    InitiatingProcessParentFileName: 'Explorer.exe',
    InitiatingProcessAccountName: 'Ann',
    InitiatingProcessAccountUpn: 'Ann@example.com',
  }

  test.each<[string, object, Fields]>([
    [
      'DeviceProcessEvents',
      {
        ...device,
        ...by,
        ActionType: 'ProcessCreated',
        FileName: 'PowerShell.exe',
        FolderPath: 'C:\\ps\\PowerShell.exe',
        ProcessCommandLine: 'powershell -enc x',
        ProcessId: 8,
        SHA256: 'AB',
        AccountName: 'Bob',
      },
      {
        ...onDevice,
        'event.action': 'processcreated',
        'event.category': ['process'],
        'process.name': 'powershell.exe',
        'process.command_line': 'powershell -enc x',
        'process.executable': 'C:\\ps\\PowerShell.exe',
        'process.pid': 8,
        'process.parent.name': 'cmd.exe',
        'process.parent.command_line': 'cmd /c x',
        'file.hash.sha256': 'ab',
        'user.name': 'bob',
      },
    ],
    [
      'DeviceNetworkEvents',
      {
        ...device,
        ...by,
        ActionType: 'ConnectionSuccess',
        LocalIP: '10.0.0.4',
        LocalPort: 50000,
        RemoteIP: '203.0.113.9',
        RemotePort: 443,
        RemoteUrl: 'x.example',
        Protocol: 'Tcp',
      },
      {
        ...onDevice,
        'event.outcome': 'success',
        'source.ip': '10.0.0.4',
        'source.port': 50_000,
        'destination.ip': '203.0.113.9',
        'destination.port': 443,
        'url.original': 'x.example',
        'network.transport': 'tcp',
        'process.name': 'cmd.exe',
        'process.parent.name': 'explorer.exe',
        'user.name': 'ann@example.com',
      },
    ],
    [
      'DeviceNetworkEvents',
      {
        ...device,
        ActionType: 'InboundConnectionAccepted',
        LocalIP: '10.0.0.4',
        LocalPort: 22,
        RemoteIP: '203.0.113.9',
        RemotePort: 50000,
      },
      {
        'source.ip': '203.0.113.9',
        'source.port': 50_000,
        'destination.ip': '10.0.0.4',
        'destination.port': 22,
        'network.direction': 'inbound',
      },
    ],
    [
      'DeviceFileEvents',
      {
        ...device,
        ...by,
        ActionType: 'FileCreated',
        FileName: 'a.exe',
        FolderPath: 'C:\\t\\a.exe',
        FileSize: 9,
        SHA1: 'CD',
        MD5: 'EF',
      },
      {
        ...onDevice,
        'event.category': ['file'],
        'file.name': 'a.exe',
        'file.path': 'C:\\t\\a.exe',
        'file.size': 9,
        'file.hash.sha1': 'cd',
        'file.hash.md5': 'ef',
      },
    ],
    [
      'DeviceRegistryEvents',
      {
        ...device,
        ...by,
        ActionType: 'RegistryValueSet',
        RegistryKey: 'HKLM\\Run',
        RegistryValueName: 'x',
        RegistryValueData: 'a.exe',
      },
      {
        'event.category': ['registry'],
        'registry.key': 'HKLM\\Run',
        'registry.value': 'x',
        'registry.data.strings': 'a.exe',
      },
    ],
    [
      'DeviceLogonEvents',
      {
        ...device,
        ActionType: 'LogonFailed',
        LogonType: 'Network',
        AccountName: 'Ann',
        AccountSid: 'S-1',
        RemoteIP: '203.0.113.9',
        FailureReason: 'InvalidUserNameOrPassword',
      },
      {
        ...onDevice,
        'event.category': ['authentication'],
        'event.outcome': 'failure',
        'event.reason': 'InvalidUserNameOrPassword',
        'user.name': 'ann',
        'user.id': 'S-1',
        'source.ip': '203.0.113.9',
        'destination.ip': undefined,
      },
    ],
    [
      'DeviceImageLoadEvents',
      { ...device, ...by, ActionType: 'ImageLoaded', FileName: 'x.dll', FolderPath: 'C:\\x.dll' },
      { ...onDevice, 'event.category': ['library'], 'file.name': 'x.dll', 'process.name': 'cmd.exe' },
    ],
    [
      'DeviceEvents',
      { ...device, ...by, ActionType: 'AntivirusDetection', FileName: 'x.exe' },
      { ...onDevice, 'event.action': 'antivirusdetection', 'event.category': ['host'], 'file.name': 'x.exe' },
    ],
    [
      'DeviceInfo',
      {
        ...device,
        PublicIP: '203.0.113.9',
        OSPlatform: 'Windows11',
        LoggedOnUsers: '[{"UserName":"Ann","Sid":"S-1"}]',
      },
      {
        ...onDevice,
        'event.action': 'deviceinfo',
        'source.ip': '203.0.113.9',
        'user.name': 'ann',
        'user.id': 'S-1',
        'host.os.full': 'Windows11',
      },
    ],
    [
      'AlertInfo',
      {
        AlertId: 'a1',
        Title: 'Mimikatz',
        Severity: 'High',
        Category: 'CredentialAccess',
        ServiceSource: 'Microsoft Defender for Endpoint',
        AttackTechniques: '["LSASS Memory (T1003.001)"]',
      },
      {
        'event.kind': 'alert',
        'event.category': ['threat'],
        'event.action': 'alertinfo',
        'rule.name': 'mimikatz',
        'm365_defender.event.alert.id': 'a1',
        'm365_defender.event.alert.severity': 'high',
        'm365_defender.event.alert.category': 'CredentialAccess',
        'threat.technique.name': 'LSASS Memory (T1003.001)',
        'event.provider': 'Microsoft Defender for Endpoint',
      },
    ],
    [
      'AlertEvidence',
      {
        AlertId: 'a1',
        EntityType: 'User',
        EvidenceRole: 'Impacted',
        AccountUpn: 'Ann@example.com',
        Categories: '["InitialAccess","Persistence"]',
        AttackTechniques: '["A (T1)","B (T2)"]',
      },
      {
        'event.kind': 'alert',
        'm365_defender.event.alert.id': 'a1',
        'm365_defender.event.evidence.type': 'user',
        'm365_defender.event.evidence.role': 'impacted',
        'm365_defender.event.alert.category': ['InitialAccess', 'Persistence'],
        'threat.technique.name': ['A (T1)', 'B (T2)'],
        'user.name': 'ann@example.com',
      },
    ],
    [
      'AlertEvidence',
      {
        ...device,
        AlertId: 'a1',
        EntityType: 'Process',
        FileName: 'Wscript.exe',
        FolderPath: 'C:\\w.exe',
        ProcessCommandLine: 'wscript x',
      },
      {
        ...onDevice,
        'process.name': 'wscript.exe',
        'process.executable': 'C:\\w.exe',
        'process.command_line': 'wscript x',
        'file.name': 'Wscript.exe',
      },
    ],
    [
      'EmailEvents',
      {
        NetworkMessageId: 'n1',
        InternetMessageId: '<i1>',
        SenderFromAddress: 'X@Evil.example',
        SenderMailFromAddress: 'y@evil.example',
        SenderIPv4: '203.0.113.9',
        RecipientEmailAddress: 'Ann@example.com',
        Subject: 'Invoice',
        EmailDirection: 'Inbound',
        DeliveryAction: 'Delivered',
        ThreatTypes: 'Phish',
      },
      {
        'event.action': 'delivered',
        'event.category': ['email'],
        'event.outcome': 'success',
        'email.from.address': 'x@evil.example',
        'email.sender.address': 'y@evil.example',
        'email.to.address': 'ann@example.com',
        'email.subject': 'Invoice',
        'email.message_id': '<i1>',
        'email.local_id': 'n1',
        'email.direction': 'inbound',
        'source.ip': '203.0.113.9',
        'm365_defender.event.threat_types': 'Phish',
      },
    ],
    [
      'EmailUrlInfo',
      { NetworkMessageId: 'n1', Url: 'https://Evil.example/x', UrlDomain: 'Evil.example' },
      { 'email.local_id': 'n1', 'url.original': 'https://Evil.example/x', 'url.domain': 'evil.example' },
    ],
    [
      'EmailAttachmentInfo',
      { NetworkMessageId: 'n1', FileName: 'a.html', SHA256: 'AB', RecipientEmailAddress: 'Ann@example.com' },
      { 'file.name': 'a.html', 'file.hash.sha256': 'ab', 'email.to.address': 'ann@example.com' },
    ],
    [
      'EmailPostDeliveryEvents',
      { NetworkMessageId: 'n1', ActionType: 'Phish ZAP', DeliveryLocation: 'Quarantine' },
      {
        'event.action': 'phish zap',
        'event.category': ['email'],
        'm365_defender.event.delivery_location': 'Quarantine',
      },
    ],
    [
      'IdentityLogonEvents',
      {
        ActionType: 'LogonFailed',
        Application: 'Active Directory',
        AccountUpn: 'Ann@example.com',
        AccountObjectId: 'o1',
        IPAddress: '203.0.113.9',
        DestinationDeviceName: 'DC1',
        DestinationIPAddress: '10.0.0.1',
        FailureReason: 'WrongPassword',
      },
      {
        'event.category': ['authentication'],
        'event.outcome': 'failure',
        'user.name': 'ann@example.com',
        'user.id': 'o1',
        'source.ip': '203.0.113.9',
        'destination.ip': '10.0.0.1',
        'destination.domain': 'dc1',
        'm365_defender.event.application': 'Active Directory',
      },
    ],
    [
      'IdentityQueryEvents',
      {
        ActionType: 'LDAP query',
        AccountName: 'Ann',
        Query: '(objectClass=*)',
        DestinationDeviceName: 'DC1',
      },
      { 'event.category': ['iam'], 'm365_defender.event.query': '(objectClass=*)', 'user.name': 'ann' },
    ],
    [
      'IdentityDirectoryEvents',
      {
        ActionType: 'Group Membership changed',
        AccountUpn: 'Ann@example.com',
        TargetAccountUpn: 'Bob@example.com',
      },
      { 'event.category': ['iam'], 'user.name': 'ann@example.com', 'user.target.name': 'bob@example.com' },
    ],
    [
      'CloudAppEvents',
      {
        ActionType: 'New-InboxRule',
        Application: 'Microsoft Exchange Online',
        AccountDisplayName: 'Ann A',
        AccountObjectId: 'o1',
        IPAddress: '203.0.113.9',
        CountryCode: 'DE',
        City: 'Bonn',
        UserAgent: 'curl/8',
        ObjectName: 'x',
        IsAdminOperation: false,
      },
      {
        'event.action': 'new-inboxrule',
        'user.id': 'o1',
        'user.name': 'ann a',
        'source.ip': '203.0.113.9',
        'source.geo.country_iso_code': 'DE',
        'source.geo.city_name': 'Bonn',
        'user_agent.original': 'curl/8',
        'm365_defender.event.is_admin_operation': false,
      },
    ],
    [
      'UrlClickEvents',
      {
        ActionType: 'ClickBlocked',
        Url: 'https://evil.example/',
        AccountUpn: 'Ann@example.com',
        IPAddress: '203.0.113.9',
        NetworkMessageId: 'n1',
      },
      {
        'event.category': ['web'],
        'event.outcome': 'failure',
        'url.original': 'https://evil.example/',
        'user.name': 'ann@example.com',
        'source.ip': '203.0.113.9',
      },
    ],
  ])('%s', (table, properties, expected) => {
    const [event] = eventsFrom(row(table, properties))
    expect([event?.dataset.name, event?.time]).toEqual(['m365_defender.event', TOLD])
    expectFields(row(table, properties), { 'm365_defender.event.table': table, ...expected })
  })

  test('a row that was sent twice is one event, whenever it was sent', () => {
    const one = row('AlertInfo', { AlertId: 'a1' })
    const [first, again, other] = [
      one,
      { ...one, time: '2026-01-02T05:00:00Z' },
      row('AlertInfo', { AlertId: 'a2' }),
    ]
    expect(identityOf(eventsFrom(first!)[0]!)).toBe(identityOf(eventsFrom(again!)[0]!))
    expect(identityOf(eventsFrom(first!)[0]!)).not.toBe(identityOf(eventsFrom(other!)[0]!))
  })
})
