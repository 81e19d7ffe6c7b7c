/** One object of the schema. An attribute's type ends in `[]` for a list; `@name` is another object. */
interface Definition {
  readonly required?: readonly string[]
  /** At least one of these. */
  readonly oneOf?: readonly string[]
  readonly has: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, readonly number[]>>
}

const NAMED: Definition = { oneOf: ['name', 'uid'], has: { name: 'text', uid: 'text' } }

const upTo = (last: number, ...others: number[]): number[] => [
  ...Array.from({ length: last + 1 }, (_, each) => each),
  ...others,
]

/**
 * What release 1.5.0 of OCSF asks of the objects within a Detection Finding, as far as Weir writes them: attributes
 * that are not here are refused. Written down from the published definitions of that release, apart from the code.
 */
const DEFINITIONS: Readonly<Record<string, Definition>> = {
  detection_finding: {
    required: [
      ...['activity_id', 'category_uid', 'class_uid', 'finding_info', 'metadata'],
      ...['severity_id', 'time', 'type_uid'],
    ],
    has: {
      activity_id: 'integer',
      activity_name: 'text',
      category_name: 'text',
      category_uid: 'integer',
      class_name: 'text',
      class_uid: 'integer',
      cloud: '@cloud',
      count: 'integer',
      end_time: 'timestamp',
      evidences: '@evidences[]',
      finding_info: '@finding_info',
      is_alert: 'boolean',
      message: 'text',
      metadata: '@metadata',
      observables: '@observable[]',
      remediation: '@remediation',
      severity: 'text',
      severity_id: 'integer',
      start_time: 'timestamp',
      status: 'text',
      status_id: 'integer',
      time: 'timestamp',
      type_name: 'text',
      type_uid: 'integer',
      unmapped: 'anything',
    },
    values: {
      activity_id: upTo(3, 99),
      category_uid: [2],
      class_uid: [2004],
      severity_id: upTo(6, 99),
      status_id: upTo(5, 99),
      type_uid: [200400, 200401, 200402, 200403, 200499],
    },
  },
  metadata: {
    required: ['product', 'version'],
    has: {
      event_code: 'text',
      labels: 'text[]',
      log_name: 'text',
      log_provider: 'text',
      logged_time: 'timestamp',
      original_time: 'text',
      product: '@product',
      profiles: 'text[]',
      uid: 'text',
      version: 'text',
    },
  },
  product: { oneOf: ['name', 'uid'], has: { name: 'text', vendor_name: 'text', version: 'text' } },
  finding_info: {
    required: ['uid'],
    has: {
      analytic: '@analytic',
      attacks: '@attack[]',
      created_time: 'timestamp',
      data_sources: 'text[]',
      desc: 'text',
      first_seen_time: 'timestamp',
      last_seen_time: 'timestamp',
      modified_time: 'timestamp',
      related_events: '@related_event[]',
      related_events_count: 'integer',
      src_url: 'text',
      title: 'text',
      types: 'text[]',
      uid: 'text',
    },
  },
  analytic: {
    required: ['type_id'],
    oneOf: ['name', 'uid'],
    has: { name: 'text', type: 'text', type_id: 'integer', uid: 'text', version: 'text' },
    values: { type_id: upTo(11, 99) },
  },
  attack: {
    oneOf: ['tactic', 'technique', 'sub_technique'],
    has: { sub_technique: '@named', tactic: '@named', technique: '@named' },
  },
  named: NAMED,
  related_event: { required: ['uid'], has: { created_time: 'timestamp', type: 'text', uid: 'text' } },
  evidences: {
    oneOf: ['actor', 'api', 'dst_endpoint', 'src_endpoint', 'user'],
    has: {
      actor: '@actor',
      api: '@api',
      dst_endpoint: '@network_endpoint',
      http_request: '@http_request',
      src_endpoint: '@network_endpoint',
      user: '@user',
    },
  },
  network_endpoint: {
    oneOf: ['ip'],
    has: { autonomous_system: '@autonomous_system', ip: 'address', location: '@location', port: 'integer' },
  },
  autonomous_system: { oneOf: ['number', 'name'], has: { number: 'integer' } },
  location: { oneOf: ['country'], has: { country: 'text' } },
  actor: { oneOf: ['user'], has: { user: '@user' } },
  user: { oneOf: ['name', 'uid'], has: { email_addr: 'email', name: 'text', uid: 'text' } },
  api: { required: ['operation'], has: { operation: 'text', service: '@named' } },
  http_request: { has: { user_agent: 'text' } },
  cloud: { required: ['provider'], has: { account: '@named', provider: 'text', region: 'text' } },
  observable: {
    required: ['type_id'],
    has: { name: 'text', type: 'text', type_id: 'integer', value: 'text' },
    values: { type_id: upTo(46, 99) },
  },
  remediation: { required: ['desc'], has: { desc: 'text' } },
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  anything: () => true,
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value),
  // Milliseconds: seconds of any year that matters would be smaller.
  timestamp: (value) => Number.isSafeInteger(value) && (value as number) > 1e11,
  address: (value) => typeof value === 'string' && /^[0-9a-fA-F.:]{3,40}$/.test(value),
  email: (value) => typeof value === 'string' && /^[^@\s]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/.test(value),
}

/** Everything in a document that release 1.5.0 would not have, with its place. */
export function mistakesOf(document: unknown): string[] {
  const profiles = (document as { metadata?: { profiles?: string[] } }).metadata?.profiles ?? []
  const cloud = profiles.includes('cloud') && !Object.hasOwn(document as object, 'cloud')
  return [...(cloud ? ['cloud: missing'] : []), ...mistakes('detection_finding', document, '')]
}

function mistakes(name: string, object: unknown, place: string): string[] {
  if (typeof object !== 'object' || object === null) return [`${place} is no object`]
  const { required = [], oneOf, has, values } = DEFINITIONS[name]!
  const held = Object.entries(object)
  const missing = required
    .filter((each) => !Object.hasOwn(object, each))
    .map((each) => `${place}${each}: missing`)
  const none = oneOf !== undefined && !oneOf.some((each) => Object.hasOwn(object, each))
  return [
    ...missing,
    ...(none ? [`${place}: none of ${oneOf.join(', ')}`] : []),
    ...held.flatMap(([key, value]) => wrong(has[key], values?.[key], value, `${place}${key}`)),
  ]
}

function wrong(
  type: string | undefined,
  values: readonly number[] | undefined,
  value: unknown,
  place: string,
): string[] {
  if (type === undefined) return [`${place}: unknown`]
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${place}: no list`]
    return value.flatMap((each, index) => wrong(type.slice(0, -2), values, each, `${place}.${index}`))
  }
  if (type.startsWith('@')) return mistakes(type.slice(1), value, `${place}.`)
  if (!TYPES[type]!(value)) return [`${place}: ${JSON.stringify(value)} is no ${type}`]
  return values === undefined || values.includes(value as number)
    ? []
    : [`${place}: ${value} is no value of it`]
}
