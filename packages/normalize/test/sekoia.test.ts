import type { JsonObject, JsonValue } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { fold, parseTime, toEcs, unwrap } from '../src/index.ts'
import { CORPUS, eventsIn, filesIn, read } from './corpus.ts'

const SAMPLES = 'sekoia-intake-formats'

const FOLDERS = [
  ['Azure', 'azure-ad'],
  ['Azure', 'azure-key-vault'],
  ['Azure', 'azure-network-watcher'],
  ['Azure', 'azure-network-watcher-flow-logs'],
  ['Microsoft', 'microsoft-entraid-graphapi'],
  ['Office 365', 'o365'],
  ['AWS', 'aws-cloudtrail'],
] as const

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
  'test_directory_audit.json user.name': 'principal name, not display name',
  'test_event_0077.json user.name': 'principal name, not display name',
  'email_reported.json user.name': 'the alert’s subject did nothing: UserId did',
  'mass_download.json user.name': 'the alert’s subject did nothing: UserId did',
  'security_compliance_alert_3.json user.name': 'the alert’s subject did nothing: UserId did',
  'security_compliance_alert_8.json user.name': 'the alert’s subject did nothing: UserId did',
  'mcas_alert.json event.outcome': 'ResultStatus New tells no outcome',
  'microsoft_defender_threatintelligence_mail.json source.ip': "a mail's sender is not the caller",
  'microsoft_defender_threatintelligence_mail.json event.action':
    'the operation, not the verdict on the mail',
  'event_iam.json user.name': 'who created the user, not the user created',
}

const FIELDS = ['@timestamp', 'source.ip', 'user.name', 'event.action', 'event.outcome'] as const

interface Comparison {
  readonly name: string
  readonly agrees: boolean
}

describe.skipIf(CORPUS === undefined)('samples that another normalizer has normalized', () => {
  test('agree on time, address, user, action and outcome, but for the differences that are meant', () => {
    const all = FOLDERS.flatMap(([vendor, folder]) =>
      filesIn(SAMPLES, vendor, folder, 'tests').flatMap((file) => compare(vendor, folder, file)),
    )
    const agreed = all.filter((each) => each.agrees).length
    const differing = all.filter((each) => !each.agrees).map((each) => each.name)
    process.stdout.write(`agreement with independent samples: ${agreed} of ${all.length} fields\n`)
    expect(differing.sort()).toEqual(Object.keys(DIFFER).sort())
    expect(agreed).toBe(404)
  })
})

function compare(vendor: string, folder: string, file: string): readonly Comparison[] {
  const sample = JSON.parse(Buffer.from(read(SAMPLES, vendor, folder, 'tests', file)).toString())
  const events = eventsIn(unwrap(Buffer.from(asWritten(sample.input.message))))
  const event = events[0]
  if (event === undefined || events.length !== 1) throw new Error(`${file} gave ${events.length} events`)
  const ours = toEcs(event)
  return FIELDS.flatMap((field) => {
    const theirs = comparable(field, at(sample.expected, field))
    if (theirs === undefined) return []
    return [{ name: `${file} ${field}`, agrees: comparable(field, at(ours, field)) === theirs }]
  })
}

function at(document: JsonObject, field: string): JsonValue | undefined {
  return field
    .split('.')
    .reduce<JsonValue | undefined>((value, key) => (value as JsonObject | undefined)?.[key], document)
}

function comparable(field: string, value: JsonValue | undefined): string | number | undefined {
  if (typeof value !== 'string') return undefined
  if (field === '@timestamp') return parseTime(value)
  return field === 'user.name' || field === 'event.action' ? fold(value) : value
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
