import { expect, test } from 'vitest'
import { passes } from '../src/shape/filter.ts'
import { makeAlert } from './support/alert.ts'

const ALERT = makeAlert({ extra: { tags: ['credential-access', 'team-identity'] } })
const UNTAGGED = makeAlert()

test.each([
  ['nothing', {}, true],
  ['its severity', { severities: ['low', 'high'] }, true],
  ['another severity', { severities: ['low'] }, false],
  ['no severity at all', { severities: [] }, false],
  ['its kind', { kinds: ['detection'] }, true],
  ['another kind', { kinds: ['health'] }, false],
  ['its rule', { rules: ['entra.password-spray'] }, true],
  ['its rule, and by its beginning', { rules: ['aws.*', 'entra.*'] }, true],
  ['a rule that its own begins with', { rules: ['entra'] }, false],
  ['another beginning', { rules: ['aws.*'] }, false],
  ['its rule as an exception', { exceptRules: ['entra.*'] }, false],
  ['another rule as an exception', { exceptRules: ['aws.*'] }, true],
  ['its rule both ways', { rules: ['entra.*'], exceptRules: ['entra.password-spray'] }, false],
  ['one of its tags', { tags: ['x', 'team-identity'] }, true],
  ['a beginning of one of its tags', { tags: ['team-*'] }, true],
  ['another tag', { tags: ['team-network'] }, false],
  ['one of its tags as an exception', { exceptTags: ['team-*'] }, false],
  ['another tag as an exception', { exceptTags: ['team-network'] }, true],
  ['the dataset of a member', { datasets: ['aws.cloudtrail', 'azure.signinlogs'] }, true],
  ['another dataset', { datasets: ['aws.cloudtrail'] }, false],
  [
    'all that hold, and one that does not',
    { severities: ['high'], tags: ['team-*'], datasets: ['x'] },
    false,
  ],
] as const)('a filter that names %s', (_, filter, pass) => {
  expect(passes(ALERT, filter as Parameters<typeof passes>[1])).toBe(pass)
})

test.each([
  ['no filter', undefined, true],
  ['a tag that is wanted', { tags: ['x'] }, false],
  ['a tag that is not', { exceptTags: ['*'] }, true],
] as const)('an alert without tags, and %s', (_, filter, pass) => {
  expect(passes(UNTAGGED, filter as Parameters<typeof passes>[1])).toBe(pass)
})

test('the dataset of a health alert is that of alerts', () => {
  const health = makeAlert({ kind: 'health', weir: { events: [] } })
  const event = { ...health.event, dataset: 'weir.alert' }
  expect(passes({ ...health, event }, { datasets: ['weir.alert'] })).toBe(true)
})
