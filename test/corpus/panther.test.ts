import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { classify, DATASETS, unwrap } from '@weir/normalize'
import { describe, expect, test } from 'vitest'

/** Folder of published samples; tests that need it are skipped without it. */
const CORPUS = process.env.WEIR_CORPUS
const RULES = join(CORPUS ?? '', 'panther-analysis/rules')

/** Some samples are written in YAML itself: read by the reader that the engine has for Sigma. */
const { parse } = createRequire(new URL('../../packages/engine/package.json', import.meta.url))('yaml') as {
  parse(text: string): RuleFile
}

interface RuleFile {
  readonly RuleID: string
  readonly LogTypes?: readonly string[]
  readonly Tests?: readonly {
    readonly Name: string
    readonly Log: object & { readonly p_log_type?: string }
  }[]
}

/** The dataset that a log type of these rules means; generic for services that Weir does not read. */
const DATASET: Readonly<Record<string, string>> = {
  'AWS.ALB': 'generic',
  'AWS.CloudTrail': 'aws.cloudtrail',
  'AWS.GuardDuty': 'generic',
  'AWS.S3ServerAccess': 'generic',
  'AWS.VPCDns': 'generic',
  'AWS.VPCFlow': 'generic',
  'Asana.Audit': 'generic',
  'Azure.MonitorActivity': 'azure.activitylogs',
  'Box.Event': 'generic',
  'CiscoUmbrella.DNS': 'generic',
  'Cloudflare.HttpRequest': 'generic',
  'Crowdstrike.FDREvent': 'generic',
  'GCP.AuditLog': 'generic',
  'GSuite.ActivityEvent': 'generic',
  'GitHub.Audit': 'generic',
  'Microsoft365.Audit.AzureActiveDirectory': 'o365.audit',
  'MicrosoftGraph.SecurityAlertV2': 'm365_defender.alert',
  'Notion.AuditLogs': 'generic',
  'OCSF.DnsActivity': 'generic',
  'OCSF.NetworkActivity': 'generic',
  'Okta.SystemLog': 'generic',
  'OneLogin.Events': 'generic',
  'OnePassword.SignInAttempt': 'generic',
  'Windows.EventLogs': 'windows.security',
  'Zendesk.Audit': 'generic',
  'Zoom.Activity': 'generic',
}

/** Log types of several services: which one it is, the record tells. */
const DATASETS_OF: Readonly<Record<string, (record: Readonly<Record<string, unknown>>) => string>> = {
  'Azure.Audit': ({ category }) =>
    /SignInLogs$/i.test(String(category)) ? 'azure.signinlogs' : 'azure.auditlogs',
}

const LAKE = 'keys in lower case, as a data lake has them: not as CloudTrail writes them'
const BLOB = 'a call of blob storage, which is not in the activity log'

/** Bodies that are of another dataset than their log type, and why. */
const OTHERWISE: Readonly<Record<string, readonly [dataset: string, why: string]>> = {
  'AWS.CloudTrail.Password.Policy.Discovery: Non-Discovery Event': ['generic', LAKE],
  'AWS.CloudTrail.Password.Policy.Discovery: Password Discovery ARN': ['generic', LAKE],
  'AWS.CloudTrail.Password.Policy.Discovery: Password Discovery Service': ['generic', LAKE],
  'AWS.EC2.Startup.Script.Change: ModifyInstanceAttribute-NoUserData': ['generic', LAKE],
  'AWS.EC2.Startup.Script.Change: NoModifyInstanceAttribute': ['generic', LAKE],
  'Standard.ImpossibleTravel.Login: CloudTrail not ConsoleLogin': ['generic', 'a stub without an event name'],
  'Standard.OTX.MaliciousIndicator: Known Threat IP Detected - With Adversary and Malware': [
    'generic',
    'only what an enrichment adds',
  ],
  'Azure.MonitorActivity.Storage.Blob.Uploaded: Successful Blob Upload': ['azure.storage', BLOB],
  'Azure.MonitorActivity.Storage.Blob.Uploaded: Case Insensitive Operation': ['azure.storage', BLOB],
  'Azure.MonitorActivity.Storage.Blob.Uploaded: Different Operation': ['azure.storage', BLOB],
}

interface Body {
  readonly name: string
  readonly types: readonly string[]
  readonly log: Readonly<Record<string, unknown>>
}

describe.skipIf(CORPUS === undefined)('bodies that rules of another project are tested with', () => {
  const bodies = CORPUS === undefined ? [] : bodiesIn(RULES)

  test('every one of 430 is read, whole, as one record', () => {
    expect(bodies).toHaveLength(430)
    for (const { name, log } of bodies) {
      const { records, quarantined, repaired } = unwrap(Buffer.from(JSON.stringify(log)))
      expect([name, records.length, quarantined.length, repaired]).toEqual([name, 1, 0, 0])
    }
  })

  test('is of the dataset that its log type means, but for those that are named', () => {
    const wrong = bodies.flatMap((body) => {
      const [record] = unwrap(Buffer.from(JSON.stringify(body.log))).records
      const { name } = classify(record!)
      return meant(body).includes(name) ? [] : [`${body.name}: ${name}, not ${meant(body)}`]
    })
    expect(wrong).toEqual([])
    const names = bodies.map((body) => body.name)
    expect(names).toEqual(expect.arrayContaining(Object.keys(OTHERWISE)))
  })

  test('every log type is in the table', () => {
    const types = new Set(bodies.flatMap(({ types }) => types))
    const known = [...Object.keys(DATASET), ...Object.keys(DATASETS_OF)]
    expect(known.filter((type) => !types.has(type))).toEqual([])
    for (const name of Object.values(DATASET)) expect(DATASETS.has(name)).toBe(true)
  })
})

/** The datasets that a body may be of; several where its rule reads several log types and the body names none. */
function meant({ name, types, log }: Body): readonly string[] {
  const otherwise = OTHERWISE[name]
  if (otherwise !== undefined) return [otherwise[0]]
  return types.map((type) => DATASETS_OF[type]?.(log) ?? DATASET[type] ?? 'generic')
}

function bodiesIn(folder: string): readonly Body[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.yml'))
    .sort()
    .map((file) => parse(readFileSync(join(folder, file), 'utf8')))
    .flatMap(({ RuleID, Tests, LogTypes }) =>
      (Tests ?? []).map(({ Name, Log }) => ({
        name: `${RuleID}: ${Name}`,
        types: Log.p_log_type === undefined ? (LogTypes ?? []) : [Log.p_log_type],
        log: Log as Readonly<Record<string, unknown>>,
      })),
    )
}
