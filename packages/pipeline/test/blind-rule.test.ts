import type { Alert } from '@weir/model'
import { expect, test } from 'vitest'
import { DEFAULTS, FRESH, Pipeline } from '../src/index.ts'
import { batchOf, NOON, rulesOf, signIn } from './support.ts'

const DAY_MS = 24 * 3_600_000
const rule = {
  id: 'test.blind',
  name: 'A field that nobody delivers',
  severity: 'medium',
  attack: ['T1110.003'],
  dataset: ['azure.signinlogs'],
  conditions: {
    all: [
      { fact: 'event.outcome', operator: 'equal', value: 'failure' },
      { fact: 'record', path: '$.properties.kindOf', operator: 'equal', value: 'odd' },
    ],
  },
  event: { type: 'credential-access', params: { message: '{{user.name}}' } },
}
const changed = { ...rule, conditions: { all: rule.conditions.all.toReversed().concat(rule.conditions.all) } }
const settings = { ...DEFAULTS, version: '1', blind: { ...DEFAULTS.blind, blindEventsMin: 40 } }

function pipelineOf(stored: readonly Alert[] = []): Pipeline {
  const pipeline = new Pipeline(settings, rulesOf(rule), { ...FRESH, health: stored })
  pipeline.announce({ kind: 'partitions', source: 'hubs', partitions: ['entra/0'] })
  return pipeline
}

const failures = (count: number, at: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) => {
    const { properties, ...record } = JSON.parse(signIn({ id: `${at}-${n}`, at }))
    return JSON.stringify({ ...record, properties: { ...properties, ...more } })
  })

/** Runs one round and gives the health alerts that it brought. */
async function round(pipeline: Pipeline, lines: readonly string[], now: number): Promise<readonly Alert[]> {
  const { commit } = await pipeline.process([batchOf(lines, {}, now)], [], now)
  return commit.alerts.filter(({ kind }) => kind === 'health').map(({ alert }) => alert)
}

/** A pipeline that has just said that the rule is blind, and the alert. */
async function blind(): Promise<readonly [Pipeline, Alert]> {
  const pipeline = pipelineOf()
  expect(await round(pipeline, failures(40, NOON), NOON)).toEqual([])
  expect(await round(pipeline, [], NOON + DAY_MS - 1)).toEqual([])
  const [alert, ...others] = await round(pipeline, [], NOON + DAY_MS)
  expect(others).toEqual([])
  return [pipeline, alert!]
}

const LATER = NOON + DAY_MS + 60_000

test('a rule whose field never occurs is called blind after a day, once, with the field', async () => {
  const [pipeline, alert] = await blind()
  expect(alert.weir.alert).toMatchObject({ status: 'open', severity: 'low' })
  expect(alert.weir.alert.group).toEqual({ code: 'rule-blind', subject: 'test.blind' })
  expect(alert.message).toContain(
    'None of 40 events that meet the rest of the rule has record.properties.kindOf; 40 ',
  )
  expect(await round(pipeline, failures(3, LATER), LATER)).toEqual([])
})

test('it is cleared when the field occurs', async () => {
  const [pipeline] = await blind()
  const [alert] = await round(pipeline, failures(1, LATER, { kindOf: 'even' }), LATER)
  expect(alert?.weir.alert.status).toBe('closed')
  expect(pipeline.raised()).toEqual([])
})

test('it is cleared when the rule changed', async () => {
  const [pipeline] = await blind()
  pipeline.replaceRules(rulesOf(changed), FRESH)
  const [alert] = await round(pipeline, [], LATER)
  expect(alert?.weir.alert.status).toBe('closed')
})

test('it stands over a restart until the field occurs', async () => {
  const [, stored] = await blind()
  const pipeline = pipelineOf([stored])
  expect(await round(pipeline, failures(3, LATER), LATER)).toEqual([])
  expect(pipeline.raised()).toMatchObject([{ code: 'rule-blind', subject: 'test.blind' }])
  const [alert] = await round(pipeline, failures(1, LATER + 1, { kindOf: 'even' }), LATER + 1)
  expect(alert?.weir.alert.status).toBe('closed')
})

test('a replay says nothing of it', async () => {
  const pipeline = new Pipeline({ ...settings, arrivalKnown: false }, rulesOf(rule), FRESH)
  await round(pipeline, failures(40, NOON), NOON)
  expect(await round(pipeline, [], NOON + DAY_MS)).toEqual([])
})
