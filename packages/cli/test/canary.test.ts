import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { type Canary, hopeless, isDelivered, stageLines } from '../src/canary/stages.ts'
import { tempFolder, weir } from './command.ts'

const folder = tempFolder()
afterAll(() => folder.remove())

const TIME = '2026-03-01T12:00:00.000Z'
const LATER = '2026-03-01T12:00:02.500Z'

function canary(changes: Partial<Canary> = {}): Canary {
  return {
    id: 'c-1',
    source: 'hubs',
    planted: TIME,
    arrived: TIME,
    committed: TIME,
    alert: 'a1',
    shipped: true,
    forwarders: [
      { name: 'f', filtered: false, fetched: LATER, outputs: [{ output: 'siem', acknowledged: LATER }] },
    ],
    ...changes,
  }
}
const forwarder = (changes: object) => [{ ...canary().forwarders[0]!, ...changes }]

describe('a canary', () => {
  test.each([
    ['acknowledged by all', canary(), true],
    ['without a forwarder', canary({ forwarders: [] }), false],
    ['with a forwarder that never came', canary({ forwarders: forwarder({ outputs: [] }) }), false],
    [
      'with an output that has not',
      canary({
        forwarders: forwarder({ outputs: [{ output: 'siem', acknowledged: TIME }, { output: 'second' }] }),
      }),
      false,
    ],
    [
      'with a second forwarder that it does not cross to',
      canary({
        forwarders: [...forwarder({}), { name: 'g', filtered: true, outputs: [{ output: 'siem' }] }],
      }),
      true,
    ],
    ['that every filter holds back', canary({ forwarders: forwarder({ filtered: true }) }), false],
  ])('%s', (_, given, delivered) => {
    expect(isDelivered(given)).toBe(delivered)
  })

  test.each([
    ['of which nothing is wrong', canary(), undefined],
    ['that no rule looked for', { ...canary(), alert: undefined }, 'put rules/weir/canary.json'],
    ['in shadow mode', canary({ shipped: false }), 'shadow mode'],
    ['that no forwarder can fetch', canary({ forwarders: [] }), 'no forwarder is registered'],
    [
      'that is filtered',
      canary({ forwarders: forwarder({ filtered: true }) }),
      'let the rule weir.canary through',
    ],
  ])('%s', (_, given, words) => {
    const said = hopeless(given as Canary)
    if (words === undefined) expect(said).toBeUndefined()
    else expect(said).toContain(words)
  })

  test('has a line for each stage, with the time since it was planted', () => {
    expect(stageLines(canary())).toEqual([
      `${TIME}    +0.000 s  planted, by the clock of who planted it`,
      `${TIME}    +0.000 s  arrived at hubs, by the clock of the service`,
      `${TIME}    +0.000 s  its alert was committed by the aggregator`,
      `${LATER}    +2.500 s  fetched by forwarder f`,
      `${LATER}    +2.500 s  acknowledged by output siem of f`,
    ])
  })
})

describe('weir canary', () => {
  test('new prints a record that the line knows for a canary', async () => {
    const { code, stdout, stderr } = await weir(['canary', 'new', '--note', 'here'])
    const { weir: made } = JSON.parse(stdout) as { weir: Record<string, string> }
    expect([code, made['note'], stderr]).toEqual([
      0,
      'here',
      expect.stringContaining(`${made['canary']}: plant it`),
    ])
    writeFileSync(folder.at('planted.json'), stdout)
    const seen = await weir(['normalize', '--input', folder.at('planted.json')])
    expect(JSON.parse(seen.stdout)).toMatchObject({
      '@timestamp': made['planted'],
      event: { dataset: 'weir.canary', id: made['canary'] },
    })
  })

  test('plant names the sources that it could plant at', async () => {
    const config = folder.at('aggregator.json')
    const token = { name: 'a', role: 'reader', sha256: 'a'.repeat(64) }
    writeFileSync(
      config,
      JSON.stringify({
        store: { path: 'weir.db' },
        rules: { folders: ['.'] },
        api: { tokens: [token] },
        sources: [{ type: 'files', name: 'logs', inputs: ['.'] }],
      }),
    )
    const { code, stderr } = await weir(['canary', 'plant', '--config', config, '--source', 'logs'])
    expect(code).toBe(2)
    expect(stderr).toContain('"logs" is no source of type event-hubs; there is none')
  })
})
