import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ocsfFinding } from '../src/formats/ocsf.ts'
import { type AlertParts, makeAlert } from './support/alert.ts'
import { mistakesOf } from './support/ocsf-1-5-0.ts'
import { makeRichAlert } from './support/rich-alert.ts'

test('an alert is this Detection Finding', () => {
  const { unmapped, ...document } = ocsfFinding(makeRichAlert({ revision: 3 }))
  expect(document).toEqual({
    activity_id: 2,
    activity_name: 'Update',
    type_uid: 200402,
    type_name: 'Detection Finding: Update',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    severity_id: 4,
    severity: 'High',
    status_id: 1,
    status: 'New',
    time: 1772359500250,
    start_time: 1772359200000,
    end_time: 1772359500250,
    count: 12,
    is_alert: true,
    message: '203.0.113.9 tried 12 accounts',
    metadata: {
      version: '1.5.0',
      product: { name: 'Weir', vendor_name: 'Weir', version: '0.1.0' },
      uid: 'a-1.3',
      event_code: 'entra.password-spray',
      log_name: 'weir.alert',
      log_provider: 'weir',
      logged_time: 1772359502000,
      original_time: '2026-03-01T10:05:00.250Z',
      profiles: ['cloud'],
      labels: ['credential-access', 'cloud'],
    },
    finding_info: {
      uid: 'a-1',
      title: 'Password spray against Entra ID',
      desc: 'One address tries many accounts',
      types: ['credential-access'],
      src_url: 'https://runbooks.example.org/spray',
      analytic: {
        type_id: 1,
        type: 'Rule',
        uid: 'entra.password-spray',
        name: 'Password spray against Entra ID',
        version: '0123456789ab',
      },
      attacks: [
        { tactic: { uid: 'TA0006', name: 'Credential Access' }, technique: { uid: 'T1078' } },
        ...['T1110.003', 'T1110.004'].map((uid) => ({
          tactic: { uid: 'TA0006', name: 'Credential Access' },
          technique: { uid: 'T1110' },
          sub_technique: { uid },
        })),
      ],
      first_seen_time: 1772359200000,
      last_seen_time: 1772359500250,
      modified_time: 1772359502000,
      related_events_count: 12,
      data_sources: ['azure.signinlogs'],
      related_events: [
        { uid: 'e-1', type: 'azure.signinlogs', created_time: 1772359200000 },
        { uid: 'e-2', type: 'azure.signinlogs', created_time: 1772359500250 },
      ],
    },
    cloud: { provider: 'azure', region: 'westeurope', account: { uid: '11111111-2222' } },
    evidences: [
      {
        src_endpoint: {
          ip: '203.0.113.9',
          port: 443,
          location: { country: 'NL' },
          autonomous_system: { number: 64500 },
        },
        dst_endpoint: { ip: '2001:db8::1', port: 22 },
        actor: { user: { name: 'kim@example.org', uid: '7d1c', email_addr: 'kim@example.org' } },
        user: { name: 'root@example.org' },
        api: { operation: 'Sign-in activity', service: { name: 'Entra ID' } },
        http_request: { user_agent: 'curl/8.5' },
      },
    ],
    observables: [
      { name: 'unmapped.related.ip', type_id: 2, type: 'IP Address', value: '203.0.113.9' },
      { name: 'unmapped.related.ip', type_id: 2, type: 'IP Address', value: '2001:db8::1' },
      { name: 'unmapped.related.user', type_id: 4, type: 'User Name', value: 'kim@example.org' },
      { name: 'unmapped.related.user', type_id: 4, type: 'User Name', value: '7d1c' },
      { name: 'unmapped.related.hosts', type_id: 1, type: 'Hostname', value: 'vm-1' },
      { name: 'evidences.http_request.user_agent', type_id: 16, type: 'HTTP User-Agent', value: 'curl/8.5' },
    ],
  })
  expect(unmapped).toMatchObject({
    weir: { alert: { id: 'a-1', revision: 3, group: {} } },
    outcome: 'failure',
  })
})

test.each([
  ['first', { revision: 1 }, 1, 1, 'New'],
  ['first, and whole at once', { revision: 1, weir: { status: 'closed' } }, 1, 1, 'New'],
  ['later', { revision: 2 }, 2, 1, 'New'],
  ['last of a detection', { revision: 5, weir: { status: 'closed' } }, 3, 1, 'New'],
  ['last of a health alert', { revision: 2, kind: 'health', weir: { status: 'closed' } }, 3, 4, 'Resolved'],
  ['joined to another', { revision: 2, weir: { status: 'merged', merged_into: 'b' } }, 3, 99, 'Merged'],
  ['no longer true', { revision: 2, weir: { status: 'merged' } }, 3, 99, 'Withdrawn'],
] as const)('the revision that is %s', (_, parts, activity, id, status) => {
  expect(ocsfFinding(makeAlert(parts))).toMatchObject({
    activity_id: activity,
    type_uid: 200400 + activity,
    status_id: id,
    status,
  })
})

test.each([
  ['informational', 1],
  ['low', 2],
  ['medium', 3],
  ['high', 4],
  ['critical', 5],
] as const)('severity %s is %i', (severity, id) => {
  expect(ocsfFinding(makeAlert({ severity }))).toMatchObject({ severity_id: id })
})

const AWKWARD: readonly [string, AlertParts['extra']][] = [
  [
    'nothing about who and where',
    { source: undefined, user: undefined, cloud: undefined, threat: undefined },
  ],
  [
    'an address that is none',
    { source: { ip: 'unknown', port: 443 }, related: { ip: ['unknown', '10.0.0.1'] } },
  ],
  [
    'a port that is none',
    { source: { ip: '10.0.0.1', port: 'http' }, destination: { ip: '::1', port: 70_000 } },
  ],
  ['an e-mail address that is none', { user: { name: 'kim', email: 'kim at home' } }],
  ['an e-mail address without a user', { user: { email: 'kim@example.org' } }],
  ['a cloud without a provider', { cloud: { region: 'westeurope' } }],
  ['a reference that is no address', { rule: { id: 'r', name: 'n', reference: 'runbook 7' } }],
  ['a tactic alone', { threat: { tactic: { id: ['TA0006'], name: ['Credential Access'] } } }],
  ['a sub-technique alone', { threat: { technique: { subtechnique: { id: ['T1110.003'] } } } }],
  ['a user agent alone', { source: {}, user: {}, user_agent: { original: 'curl' } }],
]

describe('release 1.5.0 has nothing against', () => {
  test.each(AWKWARD)('%s', (_, extra) => {
    expect(mistakesOf(ocsfFinding(makeAlert({ extra: extra! })))).toEqual([])
  })

  test('an alert with everything, or with a remedy', () => {
    const weir = { ...makeAlert().weir, remedy: 'Bring it back' }
    expect(mistakesOf(ocsfFinding(makeRichAlert({ revision: 2 })))).toEqual([])
    expect(mistakesOf(ocsfFinding(makeAlert({ kind: 'health', extra: { weir } })))).toEqual([])
  })
})

test.each([
  ['a required member', 'finding_info.uid: missing', { finding_info: { title: 'x' } }],
  ['a value of an enumeration', 'severity_id: 7 is no value of it', { severity_id: 7 }],
  ['seconds for milliseconds', 'time: 1772359500 is no timestamp', { time: 1_772_359_500 }],
  ['a member of its own', 'revision: unknown', { revision: 1 }],
  [
    'a cloud profile without a cloud',
    'cloud: missing',
    { metadata: { product: { name: 'x' }, version: '1', profiles: ['cloud'] } },
  ],
])('the check finds %s', (_, mistake, part) => {
  expect(mistakesOf({ ...ocsfFinding(makeAlert()), ...part })).toEqual([mistake])
})

const EXAMPLES = join(process.env['WEIR_CORPUS'] ?? '', 'ocsf-examples/mappings')

describe.skipIf(!existsSync(EXAMPLES))('published examples of the class', () => {
  test('say what ours says in the same form', () => {
    const ours = shapesOf(ocsfFinding(makeRichAlert()))
    const differing = examples().flatMap(({ file, document }) =>
      [...shapesOf(document)]
        .filter(([path, type]) => ours.has(path) && ours.get(path) !== type)
        .map(([path, type]) => `${file}: ${path} is ${type}, ours ${ours.get(path)}`),
    )
    expect(differing).toEqual([])
  })

  test('share enough with it for that to mean something', () => {
    const ours = shapesOf(ocsfFinding(makeRichAlert()))
    const shared = new Set(examples().flatMap(({ document }) => [...shapesOf(document).keys()]))
    expect([...shared].filter((path) => ours.has(path)).length).toBeGreaterThan(30)
  })
})

function examples() {
  return readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ocsf'))
    .map((file) => ({ file, document: parsed(readFileSync(join(EXAMPLES, file), 'utf8')) }))
    .filter(({ document }) => document?.['class_uid'] === 2004)
}

/** Some of the files hold more than one document, or none that is whole. */
function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** The type of every member by its path; members of `unmapped` are everybody's own. */
function shapesOf(value: unknown, path = ''): Map<string, string> {
  if (path === 'unmapped') return new Map()
  if (Array.isArray(value))
    return new Map([[path, 'list'], ...value.flatMap((each) => [...shapesOf(each, `${path}[]`)])])
  if (typeof value !== 'object' || value === null) return new Map([[path, typeof value]])
  const members = Object.entries(value).flatMap(([key, each]) => [
    ...shapesOf(each, path === '' ? key : `${path}.${key}`),
  ])
  return new Map([[path, 'object'], ...members])
}
