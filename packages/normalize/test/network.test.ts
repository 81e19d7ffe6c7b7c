import { describe, expect, test } from 'vitest'
import { eventsFrom } from './corpus.ts'
import { expectFields, type Fields } from './fields.ts'

const TIME = '2026-01-02T03:04:05.1234567Z'
const NETWORK = '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK'

describe('azure.firewall_logs: what the older categories say in a sentence', () => {
  const sentence = (msg: string, category = 'AzureFirewallNetworkRule') => ({
    time: TIME,
    resourceId: `${NETWORK}/AZUREFIREWALLS/FW1`,
    category,
    operationName: `${category}Log`,
    properties: { msg },
  })

  test.each<[string, Fields]>([
    [
      'TCP request from 192.0.2.1:50306 to 203.0.113.9:3389. Action: Deny. ',
      {
        'azure.firewall_logs.action': 'deny',
        'event.outcome': 'failure',
        'event.type': ['connection', 'denied'],
        'source.ip': '192.0.2.1',
        'source.port': 50_306,
        'destination.ip': '203.0.113.9',
        'destination.port': 3389,
        'network.transport': 'tcp',
        'rule.name': undefined,
      },
    ],
    [
      'TCP request from 192.0.2.1:5 to 203.0.113.9:443. Action: Allow.. Rule Collection: Web. Rule: Out',
      {
        'azure.firewall_logs.action': 'allow',
        'event.outcome': 'success',
        'rule.name': 'Out',
        'azure.firewall_logs.rule_collection': 'Web',
      },
    ],
    [
      'TCP request from 192.0.2.1:5 to 203.0.113.9:443. Action: Allow. Policy: p. Rule Collection Group: g. Rule Collection: c. Rule: r',
      {
        'rule.ruleset': 'p',
        'azure.firewall_logs.rule_collection_group': 'g',
        'azure.firewall_logs.rule_collection': 'c',
        'rule.name': 'r',
      },
    ],
    [
      "TCP request from 192.0.2.1:5 to 203.0.113.9:3389 was DNAT'ed to 10.0.0.2:3390. Policy: p. Rule Collection: c. Rule: r",
      {
        'azure.firewall_logs.action': 'dnat',
        'destination.ip': '203.0.113.9',
        'destination.port': 3389,
        'destination.nat.ip': '10.0.0.2',
        'destination.nat.port': 3390,
        'rule.ruleset': 'p',
        'rule.name': 'r',
      },
    ],
    [
      'ICMP Type=8 request from 192.0.2.1 to 203.0.113.9. Action: Allow. ',
      {
        'azure.firewall_logs.action': 'allow',
        'source.ip': '192.0.2.1',
        'source.port': undefined,
        'destination.ip': '203.0.113.9',
        'destination.port': undefined,
        'network.transport': 'icmp',
      },
    ],
    [
      'UDP request from 192.0.2.1:5 to 203.0.113.9:53. Action: drop. Signature: 2028816. IDS: Hash - [x.ch] Tofsee. Priority: 3. Classification: Unknown Traffic',
      {
        'azure.firewall_logs.action': 'drop',
        'event.outcome': 'failure',
        'event.category': ['network', 'intrusion_detection'],
        'rule.id': '2028816',
        'rule.description': 'Hash - [x.ch] Tofsee',
        'rule.category': 'Unknown Traffic',
        'azure.firewall_logs.severity': 3,
      },
    ],
    [
      'TCP request from 192.0.2.1:5 to 203.0.113.9:1521. Action: alert. Signature: 2102649. IDS: overflow. Priority: 1. Classification: Privilege Gain',
      {
        'azure.firewall_logs.action': 'alert',
        'event.outcome': 'success',
        'azure.firewall_logs.severity': 1,
      },
    ],
    [
      'HTTP request from 192.0.2.1:5 to bad.example:80. Url: bad.example/x. Action: Deny. ThreatIntel: Bot Networks',
      {
        'destination.ip': undefined,
        'destination.domain': 'bad.example',
        'destination.port': 80,
        'url.original': 'bad.example/x',
        'threat.indicator.description': 'Bot Networks',
        'event.reason': 'Bot Networks',
      },
    ],
    [
      'HTTPS request from 10.0.2.4:6 to a.example.net:443. Action: Deny. No rule matched. Proceeding with default action',
      {
        'azure.firewall_logs.action': 'deny',
        'event.reason': 'No rule matched. Proceeding with default action',
        'destination.domain': 'a.example.net',
      },
    ],
    [
      'HTTPS request from 10.0.0.1:6065. Action: Deny. Reason: SNI TLS extension was missing.',
      {
        'source.ip': '10.0.0.1',
        'source.port': 6065,
        'destination.address': undefined,
        'azure.firewall_logs.action': 'deny',
        'event.reason': 'SNI TLS extension was missing',
      },
    ],
    [
      'HTTP  request from 10.0.0.1:5 to o.example:80. Url: o.example/MFQ=. Action: Allow. Rule: A to B, HTTP',
      { 'network.transport': 'http', 'url.original': 'o.example/MFQ=', 'rule.name': 'A to B, HTTP' },
    ],
    [
      'HTTPS request from 10.0.0.1:5 to g.example:443. Action: Allow. Rule: Web. Web Category: Computers',
      { 'rule.name': 'Web', 'azure.firewall_logs.web_category': 'Computers' },
    ],
    [
      'TCP request from [2001:db8::1]:5 to [2001:db8::2]:443. Action: Deny.',
      {
        'source.ip': '2001:db8::1',
        'source.port': 5,
        'destination.ip': '2001:db8::2',
        'destination.port': 443,
      },
    ],
    [
      'DNS Request: 10.0.2.4:61248 - 6513 A IN wpad.Example.com. udp 43 false 512 NXDOMAIN qr,rd,ra 145 0.002846368s',
      {
        'source.ip': '10.0.2.4',
        'source.port': 61_248,
        'dns.question.name': 'wpad.example.com',
        'dns.question.type': 'A',
        'dns.response_code': 'NXDOMAIN',
        'network.transport': 'udp',
        'event.outcome': 'unknown',
        'event.type': ['connection'],
      },
    ],
    ['Something new', { 'azure.firewall_logs.message': 'Something new', 'source.ip': undefined }],
  ])('%s', (message, expected) => {
    expectFields(sentence(message), expected)
  })

  test('the columns are those of the structured categories, and the sentence stays', () => {
    const msg = 'TCP request from 192.0.2.1:5 to 203.0.113.9:443. Action: Deny. Rule: r'
    expect(eventsFrom(sentence(msg))[0]?.record.properties).toEqual({
      msg,
      Protocol: 'TCP',
      SourceIp: '192.0.2.1',
      SourcePort: 5,
      DestinationIp: '203.0.113.9',
      DestinationPort: 443,
      Action: 'Deny',
      Rule: 'r',
    })
  })

  test('a sentence of a million dots costs no more than reading it', () => {
    const msg = `TCP request from 192.0.2.1:5 to x. ${'. '.repeat(500_000)}Action: Deny`
    expectFields(sentence(msg), { 'azure.firewall_logs.action': 'deny', 'source.ip': '192.0.2.1' })
  })
})

describe('azure.firewall_logs: the structured categories', () => {
  test.each<[string, object, Fields]>([
    [
      'AZFWNetworkRule',
      {
        Protocol: 'TCP',
        SourceIp: '10.0.0.4',
        DestinationIp: '203.0.113.9',
        DestinationPort: 22,
        Action: 'Deny',
        Rule: 'r',
      },
      {
        'event.action': 'azfwnetworkrule',
        'event.outcome': 'failure',
        'destination.port': 22,
        'rule.name': 'r',
      },
    ],
    [
      'AZFWApplicationRule',
      {
        Fqdn: 'A.Example',
        TargetUrl: 'a.example/x',
        Action: 'Allow',
        WebCategory: 'News',
        IsTlsInspected: true,
      },
      {
        'destination.domain': 'a.example',
        'url.original': 'a.example/x',
        'azure.firewall_logs.is_tls_inspected': true,
        'azure.firewall_logs.web_category': 'News',
      },
    ],
    [
      'AZFWNatRule',
      { DestinationIp: '203.0.113.9', DestinationPort: 22, TranslatedIp: '10.0.0.2', TranslatedPort: 2222 },
      { 'destination.nat.ip': '10.0.0.2', 'destination.nat.port': 2222, 'event.outcome': 'unknown' },
    ],
    [
      'AZFWThreatIntel',
      { SourceIp: '10.0.0.4', Action: 'Deny', ThreatDescription: 'known bad' },
      { 'event.category': ['network', 'intrusion_detection'], 'threat.indicator.description': 'known bad' },
    ],
    [
      'AZFWIdpsSignature',
      { SignatureId: '2008983', Category: 'Trojan', Severity: 1, Description: 'beacon', Action: 'alert' },
      {
        'rule.id': '2008983',
        'rule.category': 'Trojan',
        'azure.firewall_logs.severity': 1,
        'event.reason': 'beacon',
      },
    ],
    [
      'AZFWDnsQuery',
      { SourceIp: '10.0.0.4', QueryName: 'ntp.Example.com.', QueryType: 'A', ResponseCode: 'NOERROR' },
      { 'dns.question.name': 'ntp.example.com', 'dns.response_code': 'NOERROR' },
    ],
  ])('%s', (category, properties, expected) => {
    expectFields({ time: TIME, resourceId: `${NETWORK}/AZUREFIREWALLS/FW1`, category, properties }, expected)
  })
})

describe('azure.application_gateway', () => {
  const record = (category: string, properties: object, time: object = { time: TIME }) => ({
    ...time,
    resourceId: `${NETWORK}/APPLICATIONGATEWAYS/AG1`,
    category,
    operationName: category.slice(0, -3),
    properties,
  })

  test('a request, of the first version with its spelling of the time', () => {
    const access = record(
      'ApplicationGatewayAccessLog',
      {
        clientIP: '203.0.113.9',
        clientPort: 45057,
        httpMethod: 'GET',
        requestUri: '/admin',
        userAgent: 'curl/8',
        httpStatus: 403,
        host: 'Shop.example',
        originalHost: '',
        receivedBytes: 184,
        sentBytes: 466,
        serverRouted: '10.0.0.5:443',
        serverStatus: '403',
      },
      { timeStamp: '2026-01-02T03:04:05+00:00' },
    )
    expect(eventsFrom(access)[0]?.time).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
    expectFields(access, {
      'event.category': ['web'],
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'source.port': 45_057,
      'url.path': '/admin',
      'url.domain': 'shop.example',
      'http.request.method': 'GET',
      'http.response.status_code': 403,
      'destination.ip': '10.0.0.5',
      'destination.port': 443,
      'source.bytes': 184,
      'user_agent.original': 'curl/8',
    })
  })

  test.each([
    ['Blocked', 'failure'],
    ['Allowed', 'success'],
    ['Matched', 'unknown'],
    ['Detected', 'unknown'],
    ['JSChallengeIssued', 'unknown'],
  ])('the firewall %s: %s', (action, outcome) => {
    const firewall = record('ApplicationGatewayFirewallLog', {
      clientIp: '203.0.113.9',
      requestUri: '/login',
      ruleSetType: 'OWASP',
      ruleId: '942100',
      ruleGroup: 'REQUEST-942-APPLICATION-ATTACK-SQLI',
      message: 'SQL injection',
      action,
      transactionId: 't1',
      hostname: 'shop.example',
    })
    expectFields(firewall, {
      'event.action': action.toLowerCase(),
      'event.category': ['web', 'intrusion_detection'],
      'event.outcome': outcome,
      'event.reason': 'SQL injection',
      'rule.id': '942100',
      'rule.category': 'REQUEST-942-APPLICATION-ATTACK-SQLI',
      'source.ip': '203.0.113.9',
      'azure.application_gateway.transaction_id': 't1',
    })
  })
})

describe('azure.frontdoor_waf', () => {
  test.each([
    ['FrontDoorWebApplicationFirewallLog', 'Block', 'failure', ['access', 'denied']],
    ['FrontdoorWebApplicationFirewallLog', 'Allow', 'success', ['access', 'allowed']],
    ['FrontDoorWebApplicationFirewallLog', 'AnomalyScoring', 'unknown', ['access']],
  ])('%s %s', (category, action, outcome, type) => {
    const record = {
      time: TIME,
      resourceId: '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CDN/PROFILES/P1',
      category,
      operationName: 'Microsoft.Cdn/Profiles/WebApplicationFirewallLog/Write',
      properties: {
        clientIP: '203.0.113.9',
        clientPort: '44200',
        socketIP: '192.0.2.9',
        requestUri: 'https://Shop.example:443/login?x=1',
        ruleName: 'SQLI-942100',
        policy: 'wafpolicy',
        policyMode: 'prevention',
        action,
        host: 'Shop.example',
        details: { matches: [{ matchVariableName: 'QueryParam:x', matchVariableValue: '1' }], msg: 'SQL' },
      },
    }
    expectFields(record, {
      'event.action': action.toLowerCase(),
      'event.outcome': outcome,
      'event.type': type,
      'event.reason': 'SQL',
      'source.ip': '203.0.113.9',
      'source.port': 44_200,
      'url.domain': 'shop.example',
      'url.path': '/login',
      'rule.name': 'SQLI-942100',
      'rule.ruleset': 'wafpolicy',
      'azure.frontdoor_waf.socket_ip': '192.0.2.9',
      'azure.frontdoor_waf.matches.name': ['QueryParam:x'],
      'azure.frontdoor_waf.matches.value': ['1'],
    })
  })
})

describe('azure.networkaccess', () => {
  test.each([
    [
      'as Graph spells it',
      {
        action: 'block',
        userPrincipalName: 'Ann@example.com',
        sourceIp: '203.0.113.9',
        destinationFqdn: 'X.example',
        transactionId: 't1',
      },
    ],
    [
      'as the workspace spells it',
      {
        Action: 'Block',
        UserPrincipalName: 'Ann@example.com',
        SourceIp: '203.0.113.9',
        DestinationFqdn: 'X.example',
        TransactionId: 't1',
      },
    ],
  ])('%s', (_name, properties) => {
    expectFields(
      { time: TIME, category: 'NetworkAccessTrafficLogs', tenantId: 'T1', properties },
      {
        'event.id': 't1',
        'event.action': 'block',
        'event.outcome': 'failure',
        'user.name': 'ann@example.com',
        'source.ip': '203.0.113.9',
        'destination.domain': 'x.example',
      },
    )
  })
})
