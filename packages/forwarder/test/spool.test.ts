import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FeedAlert } from '../src/spool/entry.ts'
import { Spool, type SpoolOptions } from '../src/spool/spool.ts'
import { spoolStatus } from '../src/spool/spool-status.ts'

test('what was spooled is there after a restart, cursors included', () => {
  const options = optionsFor(['siem'])
  const first = begun(options)
  first.feed('cloud').append('bulk', [alert(1), alert(2)], [], { seq: 2, chain: 'c2' })
  settle(first, 'siem', 1)
  first.close()
  const second = new Spool(options)
  expect(second.feed('cloud').standing()).toEqual({
    epoch: 'e1',
    lanes: { urgent: { seq: 0, chain: 'u0' }, bulk: { seq: 2, chain: 'c2' } },
  })
  expect(pending(second, 'siem')).toEqual(['cloud bulk 2'])
  expect(second.memory.last('siem', { aggregator: 'cloud', id: 'a-1' })?.revision).toBe(1)
  second.close()
})

test('urgent entries go before bulk ones that came earlier', () => {
  const spool = begun(optionsFor(['siem']))
  spool.feed('cloud').append('bulk', [alert(1)], [], { seq: 1, chain: 'c1' })
  spool.feed('cloud').append('urgent', [alert(1)], [], { seq: 1, chain: 'd1' })
  expect(pending(spool, 'siem')).toEqual(['cloud urgent 1'])
  settle(spool, 'siem', 1)
  expect(pending(spool, 'siem')).toEqual(['cloud bulk 1'])
})

test('an entry is kept until every output has it, and its room is free then', () => {
  const spool = begun(optionsFor(['a', 'b'], 500))
  spool.feed('cloud').append('bulk', [alert(1), alert(2)], [], { seq: 2, chain: 'c2' })
  expect(spool.full).toBe(true)
  settle(spool, 'a', 2)
  expect(spool.status().entries).toBe(2)
  expect([spool.feed('cloud').delivered('a', 'bulk'), spool.feed('cloud').delivered('b', 'bulk')]).toEqual([
    2, 0,
  ])
  settle(spool, 'b', 1)
  expect(spool.status().entries).toBe(1)
  expect(spool.full).toBe(false)
  settle(spool, 'b', 1)
  expect([spool.bytes, spool.status().entries]).toEqual([0, 0])
})

test('entries that the aggregator left out count as delivered once those before them are', () => {
  const spool = begun(optionsFor(['siem']))
  spool.feed('cloud').append('bulk', [alert(3)], [], { seq: 7, chain: 'c7' })
  expect(spool.feed('cloud').delivered('siem', 'bulk')).toBe(2)
  settle(spool, 'siem', 1)
  expect(spool.feed('cloud').delivered('siem', 'bulk')).toBe(7)
})

test('after the feed started over, old entries are still sent, and no mark is told until they are', () => {
  const spool = begun(optionsFor(['siem']))
  spool.feed('cloud').append('bulk', [alert(9)], [], { seq: 9, chain: 'c9' })
  spool
    .feed('cloud')
    .begin({ epoch: 'e2', lanes: { urgent: { seq: 0, chain: 'x' }, bulk: { seq: 4, chain: 'y' } } })
  expect(spool.feed('cloud').delivered('siem', 'bulk')).toBeUndefined()
  expect(pending(spool, 'siem')).toEqual(['cloud bulk 9'])
  settle(spool, 'siem', 1)
  expect(spool.feed('cloud').delivered('siem', 'bulk')).toBe(4)
})

test('at its bound the oldest bulk entries are closed where that is configured, urgent ones never', () => {
  const spool = begun({ ...optionsFor(['a', 'b'], 3000), whenFull: 'close-oldest' })
  const urgent = [alert(1), alert(2)]
  spool.feed('cloud').append('urgent', urgent, [], { seq: 2, chain: 'd2' })
  const bulk = Array.from({ length: 8 }, (_, i) => alert(i + 1))
  spool.feed('cloud').append('bulk', bulk, [], { seq: 8, chain: 'c8' })
  expect([spool.full, spool.bytes]).toEqual([true, 3000])
  expect(spool.makeRoom()).toBe(1)
  expect([spool.full, spool.bytes]).toEqual([false, 2700])
  expect(spool.atBound).toEqual({ bytesMax: 3000, closed: 1 })
  settle(spool, 'a', 2)
  expect(pending(spool, 'a')[0]).toBe('cloud bulk 2')
  expect(pending(spool, 'b').slice(0, 2)).toEqual(['cloud urgent 1', 'cloud urgent 2'])
  expect(spool.feed('cloud').delivered('a', 'bulk')).toBe(1)
})

test('that entries were closed stands until it was told, also when the process ends before', () => {
  const options = { ...optionsFor(['a'], 3000), whenFull: 'close-oldest' as const }
  const first = begun(options)
  const bulk = Array.from({ length: 10 }, (_, i) => alert(i + 1))
  first.feed('cloud').append('bulk', bulk, [], { seq: 10, chain: 'c10' })
  expect(first.makeRoom()).toBe(1)
  settle(first, 'a', 9)
  expect([first.bytes, first.atBound?.closed]).toEqual([0, 1])
  first.close()
  const second = new Spool(options)
  expect(second.atBound).toEqual({ bytesMax: 3000, closed: 1 })
  second.toldClosed(0)
  expect(second.atBound).toBeDefined()
  second.toldClosed(1)
  expect(second.atBound).toBeUndefined()
  second.close()
  const third = new Spool(options)
  expect(third.atBound).toBeUndefined()
  third.close()
})

test('where only urgent entries are left there is nothing to close', () => {
  const spool = begun({ ...optionsFor(['a'], 500), whenFull: 'close-oldest' })
  spool.feed('cloud').append('urgent', [alert(1), alert(2)], [], { seq: 2, chain: 'd2' })
  expect([spool.makeRoom(), spool.full]).toEqual([0, true])
})

test('a bound that was reached is left only when a tenth is free', () => {
  const spool = begun(optionsFor(['siem'], 3000))
  const bulk = Array.from({ length: 10 }, (_, i) => alert(i + 1))
  spool.feed('cloud').append('bulk', bulk, [], { seq: 10, chain: 'c10' })
  expect(spool.atBound).toBeUndefined()
  expect([spool.makeRoom(), spool.full]).toEqual([0, true])
  settle(spool, 'siem', 1)
  expect([spool.full, spool.atBound]).toEqual([false, { bytesMax: 3000, closed: 0 }])
  settle(spool, 'siem', 1)
  expect(spool.atBound).toBeUndefined()
})

test('an output that is no longer configured holds nothing back, and a new one gets what is there', () => {
  const options = optionsFor(['old', 'siem'])
  const before = begun(options)
  before.feed('cloud').append('bulk', [alert(1), alert(2)], [], { seq: 2, chain: 'c2' })
  settle(before, 'siem', 1)
  before.close()
  const after = new Spool({ ...options, outputs: ['siem', 'new'] })
  expect([pending(after, 'siem'), pending(after, 'new')]).toEqual([
    ['cloud bulk 2'],
    ['cloud bulk 1', 'cloud bulk 2'],
  ])
  settle(after, 'siem', 1)
  settle(after, 'new', 2)
  expect(after.status().entries).toBe(0)
})

describe('of several aggregators', () => {
  const two = { ...optionsFor(['siem']), aggregators: ['eu', 'us'] }

  test('the urgent entries of all go before the bulk ones of any, and each has marks of its own', () => {
    const spool = new Spool(two)
    for (const name of ['eu', 'us']) begin(spool, name)
    spool.feed('eu').append('bulk', [alert(1)], [], { seq: 1, chain: 'c1' })
    spool.feed('us').append('bulk', [alert(1), alert(2)], [], { seq: 2, chain: 'c2' })
    spool.feed('us').append('urgent', [alert(1)], [], { seq: 1, chain: 'd1' })
    expect(pending(spool, 'siem')).toEqual(['us urgent 1'])
    settle(spool, 'siem', 1)
    expect(pending(spool, 'siem')).toEqual(['eu bulk 1', 'us bulk 1', 'us bulk 2'])
    settle(spool, 'siem', 2)
    expect([spool.feed('eu').delivered('siem', 'bulk'), spool.feed('us').delivered('siem', 'bulk')]).toEqual([
      1, 1,
    ])
    expect([
      spool.memory.last('siem', { aggregator: 'eu', id: 'a-2' })?.revision,
      spool.memory.last('siem', { aggregator: 'us', id: 'a-1' })?.revision,
    ]).toEqual([undefined, 1])
    spool.close()
  })

  test('one that is no longer configured leaves its entries to be delivered, and its place to be taken up', () => {
    const without = new Spool({ ...two, aggregators: ['eu'] })
    expect(pending(without, 'siem')).toEqual(['us bulk 2'])
    settle(without, 'siem', 1)
    expect(without.status().entries).toBe(0)
    without.close()
    const again = new Spool(two)
    expect(again.feed('us').standing()?.lanes.bulk).toEqual({ seq: 2, chain: 'c2' })
    again.close()
  })
})

test('batches are bounded in entries and bytes, and one large entry goes alone', () => {
  const spool = begun(optionsFor(['siem']))
  spool.feed('cloud').append('bulk', [alert(1), alert(2), alert(3)], [], { seq: 3, chain: 'c3' })
  const sizes = [
    spool.next('siem', 2, 10_000)?.entries.length,
    spool.next('siem', 10, 250)?.entries.length,
    spool.next('siem', 10, 1)?.entries.length,
  ]
  expect(sizes).toEqual([2, 2, 1])
})

test.each([
  ['by number', { rememberedEntriesMax: 600 }],
  ['by age', { rememberMs: 55 }],
])('acknowledgements are forgotten %s, oldest first', (_, bound) => {
  let now = 0
  const spool = begun({ ...optionsFor(['siem']), ...bound, clock: clockAt(() => now) })
  const all = Array.from({ length: 1000 }, (_, i) => alert(i + 1))
  spool.feed('cloud').append('bulk', all, [], { seq: 1000, chain: 'c' })
  for (now = 10; now <= 100; now += 10) settle(spool, 'siem', 100)
  const known = (seq: number) =>
    spool.memory.last('siem', { aggregator: 'cloud', id: `a-${seq}` })?.revision !== undefined
  expect([known(1000), known(401), known(400), known(1)]).toEqual([true, true, false, false])
})

test('a second process is kept away from the spool, and may look into it', () => {
  const options = optionsFor(['siem'])
  const spool = begun(options)
  spool.feed('cloud').append('bulk', [alert(1)], [{ seq: 2, line: Buffer.from('?'), reason: 'no JSON' }], {
    seq: 2,
    chain: 'c',
  })
  expect(() => new Spool(options)).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }))
  expect(spoolStatus(options.path)).toEqual({
    feeds: [{ aggregator: 'cloud', epoch: 'e1', spooled: { urgent: 0, bulk: 2 } }],
    entries: 1,
    bytes: 300,
    outputs: [{ name: 'siem', pending: { urgent: 0, bulk: 1 }, quarantined: 0 }],
    unreadable: 1,
  })
  spool.close()
  new Spool(options).close()
})

test('a look into a spool that nobody uses leaves it as it is, and nothing beside it', () => {
  const options = optionsFor(['siem'])
  const spool = begun(options)
  spool.feed('cloud').append('bulk', [alert(1)], [], { seq: 1, chain: 'c1' })
  spool.close()
  const contents = () => [readFileSync(options.path), readdirSync(dirname(options.path))]
  const before = contents()
  expect(spoolStatus(options.path).entries).toBe(1)
  expect(contents()).toEqual(before)
})

test('what was set aside goes for later ones when too many are there, not when many have been', () => {
  const spool = begun({ ...optionsFor(['siem']), quarantineEntriesMax: 2 })
  const aside = () => spool.quarantine.list().map(({ seq }) => seq)
  const put = (seq: number) =>
    spool.quarantine.put({
      output: 'siem',
      aggregator: 'cloud',
      lane: 'bulk',
      epoch: 'e1',
      seq,
      reason: 'no',
      at: 0,
      line: Buffer.alloc(1),
    })
  for (const seq of [1, 2]) put(seq)
  for (const number of [2, 3, 4]) {
    spool.quarantine.gone(number)
    put(number + 1)
  }
  expect(aside()).toEqual([1, 5])
  put(6)
  expect(aside()).toEqual([5, 6])
  spool.close()
})

function optionsFor(outputs: readonly string[], bytesMax = 1e6): SpoolOptions {
  const path = join(mkdtempSync(join(tmpdir(), 'weir-spool-')), 'spool.sqlite')
  const bounds = { rememberMs: 1e6, rememberedEntriesMax: 1000, quarantineEntriesMax: 10 }
  return {
    path,
    bytesMax,
    whenFull: 'pause',
    aggregators: ['cloud'],
    outputs,
    clock: clockAt(() => 0),
    ...bounds,
  }
}

function clockAt(now: () => number) {
  return { now, sleep: async () => undefined }
}

function begun(options: SpoolOptions): Spool {
  const spool = new Spool(options)
  begin(spool, 'cloud')
  return spool
}

function begin(spool: Spool, aggregator: string): void {
  const lanes = { urgent: { seq: 0, chain: 'u0' }, bulk: { seq: 0, chain: 'c0' } }
  spool.feed(aggregator).begin({ epoch: 'e1', lanes })
}

function alert(seq: number): FeedAlert {
  const rest = { kind: 'detection', severity: 'low', digest: 'd', line: Buffer.alloc(100) } as const
  return { seq, id: `a-${seq}`, revision: 1, ...rest }
}

function pending(spool: Spool, output: string): string[] {
  const batch = spool.next(output, 100, 1e6)
  return batch?.entries.map(({ aggregator, lane, seq }) => `${aggregator} ${lane} ${seq}`) ?? []
}

function settle(spool: Spool, output: string, count: number): void {
  const batch = spool.next(output, count, 1e6)!
  spool.settle(output, batch, { acknowledged: batch.entries, refused: [] })
}
