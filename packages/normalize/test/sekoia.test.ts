import type { JsonObject, JsonValue } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { fold, parseTime, toEcs, unwrap } from '../src/index.ts'
import { CORPUS, eventsIn, filesIn, read } from './corpus.ts'

const SAMPLES = 'sekoia-intake-formats'

/** Intakes of services that Weir has a dataset for. */
const COVERED = [
  'AWS/aws-cloudtrail',
  'Azure/azure-ad',
  'Azure/azure-application-gateway',
  'Azure/azure-front-door',
  'Azure/azure-key-vault',
  'Azure/azure-mysql',
  'Azure/azure-network-watcher',
  'Azure/azure-network-watcher-flow-logs',
  'Microsoft/microsoft-365-defender',
  'Microsoft/microsoft-entraid-graphapi',
  'Microsoft/microsoft-intune',
  'Office 365/o365',
]

/** The others, and why. */
const NOT_COVERED: Readonly<Record<string, string>> = {
  'AWS/aws-flow-logs': 'lines of text of a service that Weir does not read',
  'AWS/aws-guardduty': 'findings of a service that Weir does not read',
  'AWS/aws-waf': 'requests to a service that Weir does not read',
  'Azure/azure-activity-logs': 'has no test cases',
  'Azure/azure-windows':
    "the diagnostics extension's event log: XML within JSON, which no diagnostic setting exports",
  'Microsoft/microsoft-sentinel': 'incidents of another SIEM',
  'Office 365/message-trace': 'a reporting interface that Weir does not ask',
}

/**
 * Where another normalizer and ours mean different things, and why ours stays. Everything else must agree, and
 * each of these must still differ, so that the list cannot hide a mistake.
 */
const DIFFER: Readonly<Record<string, string>> = {
  'sign-in_activity.json event.outcome': 'a further challenge was asked for: neither success nor failure',
  'test_event_certificate_import.json event.outcome': 'HTTP 4xx is a failure whatever resultType says',
  'test_event_key_get.json event.outcome': 'HTTP 4xx is a failure whatever resultType says',
  'test_event_secret_restore.json event.outcome': 'HTTP 4xx is a failure whatever resultType says',
  'event_ec2-error.json event.outcome': 'an errorCode is a failure',
  'continue.json @timestamp': "the tuple's time, not its record's",
  'test_short.json @timestamp': "the tuple's time, not its record's",
  'test_short.json source.ip': 'an address from outside the tuple',
  'continue.json event.action': 'allowed, not accept',
  'test_short.json event.action': 'allowed, not accept',
  'email_reported.json user': 'the alert’s subject did nothing: UserId did',
  'mass_download.json user': 'the alert’s subject did nothing: UserId did',
  'security_compliance_alert_3.json user': 'the alert’s subject did nothing: UserId did',
  'security_compliance_alert_8.json user': 'the alert’s subject did nothing: UserId did',
  'event_cluster_name.json user': 'an account holds many users: its number is cloud.account.id',
  'event_lambda.json user': 'an account holds many users: its number is cloud.account.id',
  'test_service_event.json user': 'an account holds many users: its number is cloud.account.id',
  'connect.json event.outcome': 'the record does not tell whether the connection was made',
  'test_device_events_logon.json event.outcome': 'failure, not why it failed',
  'test_identity_logon.json event.outcome':
    'an allocation of memory under the name of a logon tells no outcome',
  'mcas_alert.json event.outcome': 'ResultStatus New tells no outcome',
  'microsoft_defender_threatintelligence_mail.json source.ip': "a mail's sender is not the caller",
  'microsoft_defender_threatintelligence_mail.json event.action':
    'the operation, not the verdict on the mail',
}

const FIELDS = ['@timestamp', 'source.ip', 'user', 'event.action', 'event.outcome'] as const

/** Any of these says who it was. */
const USER = ['user.name', 'user.id', 'user.email'] as const

/**
 * Directory audits of what an application did to a user: the sample calls that user `user`, Weir calls it the
 * target, for nobody but the application acted. Then the target has to be the same one.
 */
const ACTED_ON = 'Microsoft/microsoft-entraid-graphapi'

interface Comparison {
  readonly name: string
  readonly agrees: boolean
  /** Only because the one acted on is the same. */
  readonly byTarget: boolean
}

describe.skipIf(CORPUS === undefined)('samples that another normalizer has normalized', () => {
  test('are covered, or it is said why not', () => {
    const intakes = filesIn(SAMPLES).flatMap((vendor) =>
      vendor.includes('.') || vendor === 'SOURCE'
        ? []
        : filesIn(SAMPLES, vendor).map((intake) => `${vendor}/${intake}`),
    )
    expect([...COVERED, ...Object.keys(NOT_COVERED)].sort()).toEqual(intakes.sort())
  })

  test('agree on time, address, user, action and outcome, but for the differences that are meant', () => {
    const all = COVERED.flatMap((intake) =>
      filesIn(SAMPLES, ...intake.split('/'), 'tests').flatMap((file) => compare(intake, file)),
    )
    const agreed = all.filter((each) => each.agrees).length
    const differing = all.filter((each) => !each.agrees).map((each) => each.name)
    const byTarget = all.filter((each) => each.byTarget).length
    process.stdout.write(
      `agreement with independent samples: ${agreed} of ${all.length} fields, ${byTarget} of them by the target\n`,
    )
    expect(differing.sort()).toEqual(Object.keys(DIFFER).sort())
    expect(agreed / all.length).toBeGreaterThanOrEqual(0.95)
  })
})

function compare(intake: string, file: string): readonly Comparison[] {
  const sample = JSON.parse(Buffer.from(read(SAMPLES, ...intake.split('/'), 'tests', file)).toString())
  const events = eventsIn(unwrap(Buffer.from(asWritten(sample.input.message))))
  const event = events[0]
  if (event === undefined || events.length !== 1) throw new Error(`${file} gave ${events.length} events`)
  const ours = toEcs(event)
  return FIELDS.flatMap((field) => {
    const theirs = told(field, sample.expected)
    if (theirs.length === 0) return []
    const own = told(field, ours)
    const same = theirs.some((value) => own.includes(value))
    const target = field === 'user' ? actedOn(intake, ours) : undefined
    const byTarget = !same && target !== undefined && theirs.includes(target)
    return [{ name: `${file} ${field}`, agrees: same || byTarget, byTarget }]
  })
}

function actedOn(intake: string, ours: JsonObject): string | number | undefined {
  if (intake !== ACTED_ON || at(ours, 'azure.service_principal.id') === undefined) return undefined
  return comparable('user.target.name', at(ours, 'user.target.name'))
}

/** What a document says of a field, in one spelling; nothing where it does not name it. */
function told(field: (typeof FIELDS)[number], document: JsonObject): readonly (string | number)[] {
  const names = field === 'user' ? USER : [field]
  return names.flatMap((name) => comparable(name, at(document, name)) ?? [])
}

function at(document: JsonObject, field: string): JsonValue | undefined {
  return field
    .split('.')
    .reduce<JsonValue | undefined>((value, key) => (value as JsonObject | undefined)?.[key], document)
}

function comparable(field: string, value: JsonValue | undefined): string | number | undefined {
  if (typeof value !== 'string') return undefined
  if (field === '@timestamp') return parseTime(value)
  return field.startsWith('user.') || field === 'event.action' ? fold(value) : value
}

/** Flow samples come flattened by their collector: here they are put back as the provider writes them. */
function asWritten(message: string): string {
  const flat = JSON.parse(message)
  const flowTuples = [flat['flow.0']]
  if (flat['flow.0'] === undefined) return message
  if (flat.flowLogVersion === undefined) {
    const flows = [{ rule: flat.rule, flows: [{ mac: flat.macAddress, flowTuples }] }]
    return JSON.stringify({ ...flat, category: 'NetworkSecurityGroupFlowEvent', properties: { flows } })
  }
  const flows = [{ aclID: flat.aclID, flowGroups: [{ rule: flat.rule, flowTuples }] }]
  return JSON.stringify({ ...flat, category: 'FlowLogFlowEvent', flowRecords: { flows } })
}
