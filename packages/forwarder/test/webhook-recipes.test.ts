import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AlertV1 } from '@weir/contract'
import { createReport, parseConfig, systemClock } from '@weir/runtime'
import { describe, expect, test } from 'vitest'
import { forwarderConfig } from '../src/index.ts'
import { LIMITS } from '../src/limits.ts'
import { openOutput } from '../src/outputs.ts'
import { makeAlert } from './support/alert.ts'

const FOLDER = join(import.meta.dirname, '../../../deploy/webhooks')
const GOLDEN = join(import.meta.dirname, 'golden/webhook')
const SECRETS = {
  WEIR_SERVICENOW_AUTHORIZATION: 'Basic d2Vpcjpz',
  WEIR_JIRA_AUTHORIZATION: 'Basic d2Vpcjpz',
  WEIR_SLACK_URL: 'https://hooks.slack.example/services/T/B/x',
  WEIR_TEAMS_URL: 'https://example.logic.azure.example/workflows/x?sig=y',
}

test('every recipe is in this table', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(
    Object.keys(RECIPES)
      .map((name) => `${name}.json`)
      .sort(),
  )
})

/** What a receiver refuses, as its documentation has it. */
const RECIPES: Readonly<Record<string, (body: unknown) => void>> = {
  servicenow: (body) => {
    const { short_description, description, correlation_id, urgency, impact } = body as Record<string, string>
    expect(short_description!.length).toBeLessThanOrEqual(160)
    expect(description!.length).toBeLessThanOrEqual(4000)
    expect(correlation_id!.length).toBeLessThanOrEqual(100)
    expect([urgency, impact].join('')).toMatch(/^[123][123]$/)
  },
  jira: (body) => {
    const { fields } = body as { fields: { summary: string; labels: string[]; description: object } }
    expect(fields.summary).toMatch(/^[^\r\n]{1,255}$/)
    for (const label of fields.labels) expect(label).toMatch(/^\S{1,255}$/)
    // A text node must have text.
    expect(textsIn(fields.description).every((text) => text !== '')).toBe(true)
    expect(textsIn(fields.description).join('').length).toBeLessThanOrEqual(32_767)
  },
  slack: (body) => {
    const { blocks } = body as {
      blocks: { type: string; text?: { text: string }; fields?: { text: string }[] }[]
    }
    for (const { type, text, fields = [] } of blocks) {
      if (text !== undefined) expect(text.text.length).toBeLessThanOrEqual(type === 'header' ? 150 : 3000)
      for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2000)
    }
    expect(textsIn(blocks).every((text) => text !== '')).toBe(true)
    // What a record says makes no link and calls nobody.
    const marked = textsIn(blocks.filter(({ type }) => type !== 'header')).join('')
    expect(marked).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/)
  },
  teams: (body) => {
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(28_000)
    // Only these have no Markdown, in which a record could write links.
    expect(JSON.stringify(body)).not.toMatch(/"TextBlock"|"FactSet"/)
    expect(textsIn(body).every((text) => text !== '')).toBe(true)
  },
}

describe.each(Object.entries(RECIPES))('the recipe for %s', (name, meetsLimits) => {
  test('is a configuration, and writes these bytes', () => {
    expect(render(name, makeAlert())).toBe(readFileSync(join(GOLDEN, `${name}.body`), 'utf8').trimEnd())
  })

  test.each([
    ['an alert as most are', makeAlert()],
    ['a message of 9 KB', makeAlert({ message: 'é'.repeat(4500), name: 'n'.repeat(1000) })],
    [
      'one that only consists of what must be escaped',
      makeAlert({ message: '<&>"\\'.repeat(1800), name: '<&>'.repeat(500) }),
    ],
    ['one of emoji', makeAlert({ message: '🐟'.repeat(2250) })],
    ['one of control characters', makeAlert({ message: '\u0001'.repeat(9000) })],
    [
      'one that would be a link',
      makeAlert({ message: '<https://evil.example|click> [click](https://evil.example) <!channel>' }),
    ],
    ['one of health, with little else', bare()],
  ])('stays within the limits of its receiver for %s', (_, alert) => {
    meetsLimits(JSON.parse(render(name, alert)))
  })
})

function render(name: string, alert: AlertV1): string {
  const output = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))
  const aggregator = { name: 'cloud', url: 'https://weir.example', token: { env: 'WEIR_SLACK_URL' } }
  const config = { aggregators: [aggregator], spool: { path: 'x' }, outputs: [output] }
  const { outputs } = parseConfig(`${name}.json`, config, forwarderConfig, SECRETS)
  const tools = { clock: systemClock, report: createReport('silent'), random: Math.random, limits: LIMITS }
  return openOutput(outputs[0]!, { ...tools, wake: () => undefined })
    .encode(alert)
    .toString()
}

/** An alert that has nothing but what every one has. */
function bare(): AlertV1 {
  const { threat, source, user, ...rest } = makeAlert({
    kind: 'health',
    message: '',
    severity: 'informational',
  })
  return rest
}

/** Every `text` that is a text. */
function textsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'text' && typeof inner === 'string' ? [inner] : textsIn(inner),
  )
}
