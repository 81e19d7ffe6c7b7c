import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classify, identityOf, repeatKey, toEcs, type Unwrapped, unwrap } from '../src/index.ts'
import { eventsIn } from './corpus.ts'

/** Bytes as a sender might mangle them: random, or JSON with pieces cut, doubled or overwritten. */
const mangled = fc
  .tuple(
    fc.array(fc.json({ maxDepth: 4 }), { maxLength: 6 }),
    fc.constantFrom('\n', ',', '', ',\n', '}{'),
    fc.constantFrom(['', ''], ['[', ']'], ['{"records":[', ']}'], ['{"records":[', ''], [',', ']}']),
    fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.string({ maxLength: 6 })), { maxLength: 4 }),
  )
  .map(([values, between, [open, close], cuts]) =>
    cuts.reduce(
      (text, [at, length, instead]) => {
        const from = at % (text.length + 1)
        return text.slice(0, from) + instead + text.slice(from + length)
      },
      `${open}${values.join(between)}${close}`,
    ),
  )

describe('whatever comes', () => {
  test('random bytes never throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => passes(unwrap(bytes))))
  })

  test('mangled JSON never throws, and every step after takes what was read', () => {
    fc.assert(
      fc.property(mangled, (text) => passes(unwrap(Buffer.from(text)))),
      { numRuns: 1500 },
    )
  })

  test('records of odd values never throw in any dataset', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constant(''),
      fc.constant({}),
      fc.constant([null]),
    )
    const category = fc.constantFrom(
      'SignInLogs',
      'AuditLogs',
      'AuditEvent',
      'StorageRead',
      'Administrative',
      'NetworkSecurityGroupFlowEvent',
      'FlowLogFlowEvent',
      'UserRiskEvents',
      'AdvancedHunting-X',
      undefined,
    )
    const odd = fc.record(
      {
        category,
        time: value,
        resourceId: value,
        operationName: value,
        properties: value,
        identity: value,
        callerIpAddress: value,
        flowRecords: value,
        eventSource: value,
        eventName: value,
        eventID: value,
        Operation: value,
        CreationTime: value,
        Target: value,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(odd, (record) => passes(unwrap(Buffer.from(JSON.stringify(record))))),
      { numRuns: 1500 },
    )
  })
})

/** A line, and what becomes of it. */
const line = fc.record({
  words: fc.array(fc.string({ maxLength: 12 }), { maxLength: 4 }),
  damage: fc.constantFrom('none', 'none', 'none', 'tail', 'head', 'noise'),
  at: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
})

describe('lines with damage', () => {
  test('are all accounted for: whole ones are records, each once, damaged ones are in quarantine or repaired', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (lines) => {
        const texts = lines.map((each, i) =>
          damaged(JSON.stringify({ id: `line ${i}`, words: each.words }), each),
        )
        const unwrapped = unwrap(Buffer.from(texts.join('\n')))
        const ids = unwrapped.records.map((record) => record.id)
        const whole = lines.flatMap((each, i) => (each.damage === 'none' ? [`line ${i}`] : []))
        for (const id of whole) expect(ids.filter((each) => each === id)).toHaveLength(1)
        expect(accountedFor(unwrapped)).toBe(weightOf(texts.join('')))
      }),
      { numRuns: 1000 },
    )
  })
})

function damaged(text: string, { damage, at }: { readonly damage: string; readonly at: number }): string {
  const cut = Math.floor(text.length * at)
  if (damage === 'tail') return text.slice(0, cut)
  if (damage === 'head') return text.slice(cut)
  return damage === 'noise' ? `${text.slice(0, cut)}\u0001\u00a7${text.slice(cut)}` : text
}

/** Letters and digits among the bytes of all records and all that is quarantined: none lost, none twice. */
function accountedFor(unwrapped: Unwrapped): number {
  const kept = unwrapped.records.map((_record, i) => unwrapped.bytesOf(i))
  const refused = unwrapped.quarantined.map((each) => each.bytes)
  return weightOf(Buffer.concat([...kept, ...refused]).toString())
}

function weightOf(text: string): number {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '').length
}

function passes(unwrapped: Unwrapped): void {
  for (const [i, record] of unwrapped.records.entries()) {
    const dataset = classify(record)
    expect(unwrapped.bytesOf(i).length).toBeGreaterThan(0)
    expect(repeatKey(record, dataset, () => unwrapped.bytesOf(i)).id).not.toBe('')
  }
  for (const event of eventsIn(unwrapped)) {
    expect(identityOf(event)).toContain(event.dataset.name)
    expect(toEcs(event)).toHaveProperty('@timestamp')
  }
}
