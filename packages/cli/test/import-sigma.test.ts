import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { tempFolder, weir } from './command.ts'
import { lines, trail } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())

const AWS = 'logsource: { product: aws, service: cloudtrail }\n'
const STOPPED = `title: A trail was stopped
id: 6a1f1c9e-0000-4000-8000-000000000001
author: Ada
license: DRL-1.1
level: high
tags: [attack.defense-evasion, attack.t1562.008]
${AWS}detection:
  selection: { eventName: StopLogging, requestParameters.name|contains: trail }
  condition: selection
`
const LEGACY = `title: Many of them\n${AWS}detection:\n  selection: { eventName: ListTrails }\n  condition: selection | count() > 5\n`
const PLACEHOLDER = `title: Somebody else\n${AWS}detection:\n  selection: { eventName: StopLogging }\n  admins: { userIdentity.userName|expand: '%admins%' }\n  condition: selection and not admins\n`

mkdirSync(folder.at('sigma'))
for (const [name, text] of Object.entries({ stopped: STOPPED, legacy: LEGACY, placeholder: PLACEHOLDER }))
  writeFileSync(folder.at('sigma', `${name}.yml`), text)
writeFileSync(folder.at('sigma', 'README.md'), '# not a rule')

function json(...names: string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(folder.at(...names), 'utf8'))
}

function report(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('weir rules import-sigma', () => {
  test('writes rule files that load, and reports every document', async () => {
    const out = folder.at('out')
    const { code, stdout, stderr } = await weir([
      'rules',
      'import-sigma',
      folder.at('sigma'),
      '--out',
      out,
      '--report',
      folder.at('report.ndjson'),
    ])
    expect([code, stderr]).toEqual([0, `3 documents: 1 rules in ${out}, 2 refused\n`])
    expect(stdout).toMatch(/^refused {2}.*legacy\.yml: Many of them: legacy-aggregation: "\| count\(\) > 5"/)
    expect(json('out', 'aws', 'cloudtrail', 'stopped.json')).toEqual({
      id: 'sigma.stopped',
      name: 'A trail was stopped',
      description: 'Sigma rule 6a1f1c9e-0000-4000-8000-000000000001 by Ada, licence DRL-1.1.',
      severity: 'high',
      attack: ['T1562.008'],
      tags: ['sigma', 'sigma.id.6a1f1c9e-0000-4000-8000-000000000001', 'attack.defense-evasion'],
      dataset: ['aws.cloudtrail'],
      conditions: {
        all: [
          { fact: 'record', path: '$.eventName', operator: 'fold:equal', value: 'stoplogging' },
          {
            fact: 'record',
            path: '$.requestParameters.name',
            operator: 'anyText:fold:containsText',
            value: 'trail',
          },
        ],
      },
      event: {
        type: 'defense-evasion',
        params: { message: '{{rule.name}}: {{user.name}} from {{source.ip}}' },
      },
    })
    expect(report(readFileSync(folder.at('report.ndjson'), 'utf8'))).toEqual([
      {
        file: folder.at('sigma', 'legacy.yml'),
        id: null,
        title: 'Many of them',
        outcome: 'refused',
        reason: expect.stringMatching(/^legacy-aggregation: /),
        rule: null,
      },
      {
        file: folder.at('sigma', 'placeholder.yml'),
        id: null,
        title: 'Somebody else',
        outcome: 'refused',
        reason: expect.stringMatching(/^placeholder: .*%admins%/),
        rule: null,
      },
      {
        file: folder.at('sigma', 'stopped.yml'),
        id: '6a1f1c9e-0000-4000-8000-000000000001',
        title: 'A trail was stopped',
        outcome: 'imported',
        reason: null,
        rule: 'sigma.stopped',
      },
    ])
    const checked = await weir(['rules', 'check', out])
    expect([checked.code, checked.stdout]).toEqual([0, ''])
    expect(checked.stderr).toMatch(/^1 rules load, 0 errors, 0 warnings/)
  })

  test('--strict is not content with a refusal', async () => {
    const strict = (name: string) =>
      weir(['rules', 'import-sigma', folder.at('sigma', name), '--out', folder.at('strict'), '--strict'])
    expect((await strict('legacy.yml')).code).toBe(1)
    expect((await strict('stopped.yml')).code).toBe(0)
  })

  test('--map gives placeholders and places of its own', async () => {
    const map = {
      logsource: { product: 'aws' },
      placeholders: { admins: ['root', 'adm-*'] },
      fields: { eventName: 'event.action' },
    }
    writeFileSync(folder.at('map.json'), JSON.stringify(map))
    const args = [
      'rules',
      'import-sigma',
      folder.at('sigma', 'placeholder.yml'),
      '--out',
      folder.at('mapped'),
      '--map',
      folder.at('map.json'),
    ]
    expect((await weir(args)).code).toBe(0)
    expect(json('mapped', 'aws', 'cloudtrail', 'placeholder.json')['conditions']).toEqual({
      all: [
        { fact: 'event.action', operator: 'equal', value: 'stoplogging' },
        {
          not: {
            any: [
              { fact: 'record', path: '$.userIdentity.userName', operator: 'fold:equal', value: 'root' },
              { fact: 'record', path: '$.userIdentity.userName', operator: 'fold:startsWith', value: 'adm-' },
            ],
          },
        },
      ],
    })
  })

  test.each([
    ['[', 'Unexpected end'],
    ['{}', 'logsource must be an object'],
    ['{"logsource": {}, "felds": {}}', 'unknown member "felds"'],
    ['{"logsource": {}, "fields": {"a": {"within": true}}}', 'fields["a"] needs a fact or a path'],
    ['{"logsource": {}, "fields": {"a": {"as": "b"}}}', 'fields["a"].as must name a field'],
    [
      '{"logsource": {}, "fields": {"a": {"path": "$.a", "values": {"x": "y"}}}}',
      'values["x"] must be a list',
    ],
    ['[{"logsource": {"product": 5}}]', 'logsource.product must be text'],
  ])('a map that is none is wrong use: %s', async (text, reason) => {
    writeFileSync(folder.at('bad.json'), text)
    const { code, stderr } = await weir([
      'rules',
      'import-sigma',
      folder.at('sigma'),
      '--out',
      folder.at('bad'),
      '--map',
      folder.at('bad.json'),
    ])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^weir: CONFIG_INVALID .*bad\.json: /)
    expect(stderr).toContain(reason)
  })

  test('--against says which fields the records never have', async () => {
    writeFileSync(folder.at('trail.json'), lines([trail(1), trail(2)]))
    const args = [
      'rules',
      'import-sigma',
      folder.at('sigma', 'stopped.yml'),
      '--out',
      folder.at('against'),
      '--against',
      folder.at('trail.json'),
    ]
    const told = await weir(args)
    expect([told.code, told.stdout]).toEqual([
      0,
      'blind    sigma.stopped: no record has requestParameters.name\n',
    ])
    expect(report((await weir([...args, '--json'])).stdout)).toMatchObject([
      { rule: 'sigma.stopped', events: 2, blind: ['requestParameters.name'] },
    ])
    writeFileSync(
      folder.at('trail.json'),
      lines([trail(1, 'StopLogging', { requestParameters: { name: 'x' } })]),
    )
    expect(report((await weir([...args, '--json'])).stdout)).toMatchObject([{ events: 1, blind: [] }])
    writeFileSync(folder.at('trail.json'), '{"message":"of another dataset"}\n')
    expect((await weir(args)).stdout).toBe('blind    sigma.stopped: no record of its datasets was given\n')
  })

  test('without a Sigma file there is nothing to do', async () => {
    const { code, stderr } = await weir([
      'rules',
      'import-sigma',
      folder.at('out'),
      '--out',
      folder.at('none'),
    ])
    expect([code, stderr]).toEqual([
      2,
      `weir: INPUT_UNREADABLE no .yml or .yaml file in ${folder.at('out')}\n`,
    ])
  })
})
