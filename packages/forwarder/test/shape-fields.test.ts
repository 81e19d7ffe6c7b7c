import { alertV1 } from '@weir/contract'
import { parseConfig } from '@weir/runtime'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { SHAPE } from '../src/shape/config.ts'
import { only } from '../src/shape/fields.ts'
import { makeRichAlert } from './support/rich-alert.ts'

const ALERT = makeRichAlert({ revision: 2, weir: { status: 'merged', merged_into: 'b-1' } })

test('without any field, what identifies an alert is left, and it is an alert still', () => {
  const bare = only(ALERT, [])
  const { ecs, event, observer, weir } = ALERT
  const { category: _, action: __, outcome: ___, ...identifying } = event
  expect(bare).toEqual({
    '@timestamp': ALERT['@timestamp'],
    ecs,
    event: identifying,
    rule: { id: ALERT.rule.id, name: ALERT.rule.name },
    observer,
    message: ALERT.rule.name,
    weir: { alert: { ...weir.alert, group: {}, events: [] } },
  })
  expect(alertV1.safeParse(bare).success).toBe(true)
})

test.each([
  ['a member', ['source.ip'], { source: { ip: '203.0.113.9' } }],
  [
    'two of one parent',
    ['user.name', 'user.target.name'],
    { user: { name: 'kim@example.org', target: { name: 'root@example.org' } } },
  ],
  ['a member with all below it', ['cloud'], { cloud: ALERT.cloud }],
  ['a list', ['related.ip'], { related: { ip: ['203.0.113.9', '2001:db8::1'] } }],
  ['the message', ['message'], { message: ALERT.message }],
  ['a member that is not there', ['weir.remedy'], {}],
] as const)('%s stays when it is named', (_, fields, part) => {
  expect(only(ALERT, fields)).toEqual({ ...only(ALERT, []), ...part })
})

test('group and events stay when they are named', () => {
  const { group, events } = ALERT.weir.alert
  expect(only(ALERT, ['weir.alert.group', 'weir.alert.events']).weir.alert).toMatchObject({ group, events })
})

test('all fields by name are the alert again', () => {
  const all = [
    'message',
    'event',
    'rule',
    'threat',
    'related',
    'source',
    'destination',
    'user',
    'cloud',
    'user_agent',
  ]
  expect(only(ALERT, [...all, 'tags', 'weir'])).toEqual(ALERT)
})

test.each([
  [{ fields: ['source.*', 'user', 'related.ip'] }, undefined],
  [{ fields: ['sorce.ip'] }, 'fields.0: sorce.ip is no member of an alert; did you mean source.ip?'],
  [{ fields: ['user.nmae.*'] }, 'fields.0: user.nmae.* is no member of an alert; did you mean user.name?'],
  [{ fields: ['process.command_line'] }, 'fields.0: process.command_line is no member of an alert'],
  [{ redact: [{ path: 'user.nam' }] }, 'redact.0.path: user.nam cannot be redacted; did you mean user.name?'],
  [{ redact: [{ path: 'rule.id' }] }, 'redact.0.path: rule.id cannot be redacted'],
  [{ redact: [{ path: 'weir' }] }, 'redact.0.path: weir cannot be redacted'],
  [{ redact: [{ path: 'user', with: 'x', hash: { env: 'KEY' } }] }, 'give "with" or "hash", not both'],
  [{ redact: [{ path: 'user', hash: { env: 'SHORT' } }] }, 'a key of 16 characters or more'],
  [{ redact: [{ path: 'user', hash: 'a key in the open' }] }, 'redact.0.hash'],
  [{ attack: 'v20' }, 'attack'],
  [{ filter: { severity: ['high'] } }, 'severity'],
])('a configuration of %j', (config, mistake) => {
  expect(messageOf(config)).toEqual(mistake === undefined ? '' : expect.stringContaining(mistake))
})

function messageOf(config: object): string {
  const environment = { KEY: 'a-key-of-sufficient-length', SHORT: 'short' }
  try {
    parseConfig('forwarder.json', config, z.strictObject(SHAPE), environment)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
