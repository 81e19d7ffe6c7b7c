import type { Rule } from '@weir/engine'
import type { FieldValue, Finding } from '@weir/model'
import fc from 'fast-check'
// biome-ignore lint/style/noRestrictedImports: what makes an alert is not part of the pipeline's public face
import { alertOf } from '../../packages/pipeline/src/alert.ts'

const RULE = {
  id: 'aws.group-made',
  name: 'Groups made',
  hash: '0123456789abcdef',
  severity: 'low',
  description: 'Somebody makes groups.',
  attack: ['T1136', 'T1078.004'],
  tags: ['cloud'],
  references: [],
  event: { type: 'persistence', params: { message: '{{user.name}} made {{count}} groups' } },
} as unknown as Rule

const FIELDS = [
  ...['event.action', 'event.outcome', 'event.category', 'event.type', 'event.provider'],
  ...['source.ip', 'source.port', 'source.geo.country_iso_code', 'source.as.number'],
  ...['destination.ip', 'destination.port', 'user_agent.original', 'host.name'],
  ...['user.name', 'user.id', 'user.email', 'user.target.name'],
  ...['cloud.provider', 'cloud.account.id', 'cloud.region', 'cloud.service.name'],
]

const scalar = fc.oneof(
  fc.string({ maxLength: 2000 }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.ipV4(),
  fc.ipV6(),
)

const value: fc.Arbitrary<FieldValue> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 4 }),
  fc.constant(null),
)

const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })

const member = fc
  .record({ fields: fc.dictionary(fc.constantFrom(...FIELDS), value), id: fc.string(), time })
  .map(({ fields, id, time: at }) => ({
    ...{
      rule: RULE.id,
      ruleHash: RULE.hash,
      identity: id,
      subject: id,
      eventId: id,
      dataset: 'aws.cloudtrail',
    },
    ...{ time: at, lateMs: 0, position: { source: 's3', partition: 'a', at: id, index: 0 }, fields },
  }))

const findings = fc
  .record({
    first: time,
    last: time,
    group: fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string()), fc.jsonValue()),
    members: fc.array(member, { maxLength: 4 }),
    count: fc.nat(),
    merged: fc.boolean(),
  })
  .map(
    ({ merged, ...rest }): Finding => ({
      ...{ rule: RULE.id, ruleHash: RULE.hash, id: 'a', revision: 1, distinct: 1, ...rest },
      status: merged ? 'merged' : 'open',
      ...(merged ? { mergedInto: 'b' } : {}),
    }),
  )

/** An alert as the pipeline makes it of events whose fields hold anything that a field may hold. */
export const anyAlert = findings.map((finding) => alertOf(finding, RULE, 'test', 0))
