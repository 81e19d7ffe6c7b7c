import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  Alert,
  AlertRevision,
  Commit,
  Episode,
  Evidence,
  Quarantined,
  Severity,
  Store,
  StoredMember,
  StoredSightings,
} from '@weir/model'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore, storeVersion } from '../src/index.ts'
import { MIGRATIONS } from '../src/migrations.ts'

const hash = (...parts: (string | Uint8Array)[]): Buffer => {
  const sha = createHash('sha256')
  for (const part of parts) sha.update(part)
  return sha.digest()
}
const chain = {
  start: (epoch: string, lane: string) => hash(`${epoch}:${lane}`).toString('hex'),
  next: (previous: string, digest: Uint8Array) => hash(Buffer.from(previous, 'hex'), digest).toString('hex'),
  digest: (line: Uint8Array) => hash(line),
}

let folder: string
let store: Store

function open(pagesMax?: number): Store {
  let n = 0
  return openStore({
    path: join(folder, 'weir.db'),
    chain,
    random: () => `epoch-${++n}`,
    ...(pagesMax ? { pagesMax } : {}),
  })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-store-'))
  store = open()
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const policy = {
  forwarders: ['f'],
  alertDaysMax: 30,
  quarantineDaysMax: 7,
  ledgerDaysMax: 400,
  feedBytesMax: 1e9,
  feedTombstonesMax: 1e6,
  storeBytesMax: 1e12,
}

const DAY = 86_400_000

function unreadable(source: string): Quarantined {
  const position = { source, partition: 'p', at: '1', index: 0 }
  return { position, bytes: Buffer.from('{'), reason: 'it ends too early' }
}

const nothing: Commit = {
  at: 1_000,
  cursors: [],
  clocks: [],
  books: [],
  quarantine: [],
  ruleCounts: [],
  members: [],
  forgotten: [],
  passed: [],
  sightings: [],
  episodes: [],
  alerts: [],
  evidence: [],
  rhythms: [],
  canaries: [],
}

function alertOf(id: string, revision: number, severity: Severity = 'high', user = 'ada'): Alert {
  const at = '2026-01-02T03:04:05.000Z'
  return {
    '@timestamp': at,
    ecs: { version: '9.2.0' },
    message: `alert ${id}`,
    event: {
      kind: 'alert',
      id,
      dataset: 'weir.alert',
      module: 'weir',
      provider: 'weir',
      severity: 8,
      created: at,
      start: at,
      end: at,
    },
    rule: { id: 'r', name: 'Rule' },
    related: { user: [user] },
    observer: { vendor: 'Weir', product: 'Weir', version: '0' },
    weir: {
      alert: {
        id,
        revision,
        kind: 'detection',
        status: 'open',
        severity,
        count: 1,
        first: at,
        last: at,
        group: {},
        events: [],
        late_by_ms: 0,
      },
    },
  }
}

function revisionOf(alert: Alert, ship = true, once = false): AlertRevision {
  return { alert, severity: alert.weir.alert.severity, kind: 'detection', ship, once }
}

const member = (identity: string, episode?: string): StoredMember => ({
  correlation: 'r',
  ruleHash: 'h',
  groupKey: 'g',
  value: identity,
  match: {
    rule: 'r',
    ruleHash: 'h',
    identity,
    subject: identity,
    eventId: identity,
    dataset: 'd',
    time: Number(identity.slice(1)),
    lateMs: 0,
    position: { source: 's', partition: 'p', at: '1', index: 0 },
    fields: { 'user.name': 'ada' },
  },
  ...(episode === undefined ? {} : { episode }),
})

const episode = (id: string, status: Episode['status'] = 'open'): Episode => ({
  id,
  correlation: 'r',
  ruleHash: 'h',
  groupKey: 'g',
  group: {},
  first: 1,
  last: 2,
  count: 2,
  countShipped: 2,
  revision: 1,
  status,
  satisfiedAt: 1,
})

const sightings = (term: string, ...runs: readonly number[]): StoredSightings => ({
  correlation: 'r',
  ruleHash: 'h',
  groupKey: 'g',
  term,
  runs,
})

describe('what a commit keeps', () => {
  test('is there after the file is opened again, and nothing else', async () => {
    const commit: Commit = {
      ...nothing,
      cursors: [{ source: 's', key: 'hub/0', value: '17' }],
      clocks: [{ source: 's', partition: 'hub/0', clock: 42, datasets: ['d'] }],
      members: [member('m1'), member('m2', 'e1'), member('m3', 'e2')],
      sightings: [sightings('x', 1, 5), sightings('y', 2, 2, 9, 12)],
      episodes: [episode('e2', 'closed'), episode('e1')],
    }
    await store.commit(commit)
    await store.close()
    store = open()
    const state = await store.load()
    expect(state.cursors.get('s')?.get('hub/0')).toBe('17')
    expect(state.clocks).toEqual(commit.clocks)
    expect(state.correlation.episodes).toEqual([episode('e1')])
    expect(state.correlation.sightings).toEqual(commit.sightings)
    expect(Array.from(state.correlation.members, (each) => each.match.identity).sort()).toEqual(['m1', 'm2'])
  })

  test('a cursor with an empty value is removed', async () => {
    await store.commit({ ...nothing, cursors: [{ source: 's', key: 'k', value: '1' }] })
    await store.commit({ ...nothing, cursors: [{ source: 's', key: 'k', value: '' }] })
    expect((await store.load()).cursors.get('s')?.has('k') ?? false).toBe(false)
  })

  test('a commit that fails has changed nothing and names the store', async () => {
    await store.close()
    store = open(80)
    const bytes = new Uint8Array(400_000)
    const position = { source: 's', partition: 'p', at: '1', index: 0 }
    const tooMuch = {
      ...nothing,
      cursors: [{ source: 's', key: 'k', value: '1' }],
      quarantine: [{ position, bytes, reason: 'x' }],
    }
    await expect(store.commit(tooMuch)).rejects.toThrow(/cannot commit.*full/)
    expect((await store.load()).cursors.size).toBe(0)
    await store.commit({ ...nothing, cursors: [{ source: 's', key: 'k', value: '2' }] })
    expect((await store.load()).cursors.get('s')?.get('k')).toBe('2')
  })

  test('a member that comes again replaces what was kept of it', async () => {
    const before = member('m5')
    const match = { ...before.match, time: 3, eventId: 'earlier' }
    await store.commit({ ...nothing, members: [before] })
    await store.commit({ ...nothing, members: [{ ...before, match, episode: 'e1' }] })
    expect((await store.members('e1', 10)).items).toEqual([{ ...before, match, episode: 'e1' }])
  })

  test('of a term that was seen again the last runs are kept, and of one without runs nothing', async () => {
    await store.commit({ ...nothing, sightings: [sightings('x', 1, 1), sightings('y', 2, 2)] })
    await store.commit({ ...nothing, sightings: [sightings('x', 1, 7), sightings('y')] })
    expect((await store.load()).correlation.sightings).toEqual([sightings('x', 1, 7)])
  })

  test('members of a group that are in no episode are recalled as they were last kept', async () => {
    const elsewhere = { ...member('m4'), groupKey: 'other' }
    await store.commit({ ...nothing, members: [member('m1'), member('m2'), member('m3', 'e1'), elsewhere] })
    await store.commit({ ...nothing, members: [member('m2', 'e1'), member('m3')] })
    const { recall, members } = (await store.load()).correlation
    expect(recall?.('h', 'g')).toEqual([member('m1'), member('m3')])
    expect(recall?.('h', 'none')).toEqual([])
    for (const { match } of members)
      expect(recall?.('h', match.identity === 'm4' ? 'other' : 'g')).not.toEqual([])
  })

  test('members that a group has passed are forgotten, those of its alerts are not', async () => {
    const elsewhere = { ...member('m1'), groupKey: 'other' }
    const members = [member('m1'), member('m2', 'e1'), member('m3'), member('m4'), elsewhere]
    await store.commit({ ...nothing, members, passed: [{ ruleHash: 'h', groupKey: 'g', before: 4 }] })
    const { recall } = (await store.load()).correlation
    expect(recall?.('h', 'g')).toEqual([member('m4')])
    expect(recall?.('h', 'other')).toEqual([elsewhere])
    await store.commit({
      ...nothing,
      passed: [{ ruleHash: 'h', groupKey: 'g', before: Number.POSITIVE_INFINITY }],
    })
    expect(recall?.('h', 'g')).toEqual([])
    expect((await store.members('e1', 10)).items).toEqual([member('m2', 'e1')])
  })

  test('books and rule counts add up', async () => {
    const books = {
      source: 's',
      read: 5,
      normalized: 3,
      duplicates: 1,
      dropped: 0,
      droppedBy: {},
      quarantined: 1,
      events: 9,
      rawBytes: 100,
    }
    await store.commit({
      ...nothing,
      books: [books],
      quarantine: [unreadable('s')],
      ruleCounts: [{ rule: 'r', matches: 2, errors: 1, skipped: 0 }],
    })
    await store.commit({
      ...nothing,
      books: [books],
      quarantine: [unreadable('s')],
      ruleCounts: [{ rule: 'r', matches: 2, errors: 0, skipped: 3 }],
    })
    expect(await store.books()).toMatchObject([{ source: 's', read: 10, events: 18, rawBytes: 200 }])
    expect(await store.ledger()).toMatchObject([{ rule: 'r', matches: 4, errors: 1, skipped: 3 }])
    expect(await store.verify()).toEqual([])
    await store.commit({ ...nothing, books: [{ ...books, read: 6 }], quarantine: [unreadable('s')] })
    expect(await store.verify()).toEqual([expect.stringContaining('books of s')])
  })

  const dropping = {
    source: 's',
    read: 4,
    normalized: 0,
    duplicates: 0,
    dropped: 3,
    droppedBy: { probe: 2, constructor: 1 },
    quarantined: 1,
    events: 0,
    rawBytes: 1,
  }

  test('what was dropped adds up by the name of its filter', async () => {
    for (const source of ['s', 's', 't'])
      await store.commit({ ...nothing, books: [{ ...dropping, source }], quarantine: [unreadable(source)] })
    expect((await store.books()).map((each) => each.droppedBy)).toEqual([
      { probe: 4, constructor: 2 },
      { probe: 2, constructor: 1 },
    ])
    expect(await store.verify()).toEqual([])
    await store.commit({
      ...nothing,
      books: [{ ...dropping, droppedBy: { probe: 2 } }],
      quarantine: [unreadable('s')],
    })
    expect(await store.verify()).toEqual(['books of s: dropped 9, by filters 8'])
  })

  test('quarantine is proven: what is kept and what was retired is all that was counted', async () => {
    await store.commit({ ...nothing, at: 1, books: [dropping], quarantine: [unreadable('s')] })
    await store.commit({ ...nothing, at: DAY, books: [dropping], quarantine: [unreadable('s')] })
    const retired = await store.retire({ ...policy, quarantineDaysMax: 1 }, DAY + 2)
    expect([retired.quarantine, (await store.quarantine(10)).items.length]).toEqual([1, 1])
    expect(await store.verify()).toEqual([])
    await store.commit({ ...nothing, at: DAY, books: [dropping], quarantine: [] })
    expect(await store.verify()).toEqual(['books of s: quarantined 3, kept 1 and retired 1'])
  })
})

describe('alerts', () => {
  test('a later revision replaces an earlier one, an earlier or equal one changes nothing', async () => {
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 2))] })
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 1)), revisionOf(alertOf('a', 2))] })
    expect((await store.heads()).urgent.seq).toBe(1)
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 3))] })
    expect((await store.alert('a'))?.weir.alert.revision).toBe(3)
    expect((await store.heads()).urgent.seq).toBe(2)
  })

  test('in shadow mode count what they would have put into the feed, and are not there', async () => {
    const shadow = (revision: number) => revisionOf(alertOf('a', revision), false)
    await store.commit({ ...nothing, alerts: [shadow(1), shadow(2)] })
    await store.commit({ ...nothing, alerts: [shadow(2)] })
    const kept = { alerts: 0, alertBytes: 0, shadowAlerts: 1, shadowRevisions: 2 }
    expect(await store.ledger()).toMatchObject([kept])
    expect((await store.heads()).urgent.seq).toBe(0)
    expect((await store.alert('a'))?.weir.alert.revision).toBe(2)
    // The same of a rule that ships, named with as many letters.
    const live = (revision: number) =>
      revisionOf({ ...alertOf('b', revision), rule: { id: 's', name: 'Rule' } })
    await store.commit({ ...nothing, alerts: [live(1), live(2)] })
    const [trial, shipped] = await store.ledger()
    expect(shipped).toMatchObject({ rule: 's', alerts: 1, revisions: 2, shadowRevisions: 0, shadowBytes: 0 })
    expect(trial!.shadowBytes).toBe(shipped!.alertBytes)
    expect(trial!.shadowBytes).toBeGreaterThan(500)
  })

  test('are listed newest change first, each once, over pages and filters', async () => {
    for (let n = 0; n < 25; n++) {
      const severity = n % 2 === 0 ? 'high' : 'low'
      await store.commit({
        ...nothing,
        alerts: [revisionOf(alertOf(`a${n}`, 1, severity, n === 7 ? 'eve' : 'ada'))],
      })
    }
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await store.alerts({}, 10, after)
      seen.push(...page.items.map((each) => each.weir.alert.id))
      after = page.next
      if (seen.length === 10) await store.commit({ ...nothing, alerts: [revisionOf(alertOf('new', 1))] })
    } while (after !== undefined)
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `a${24 - n}`))
    expect((await store.alerts({ severity: ['low'] }, 100)).items).toHaveLength(12)
    expect((await store.alerts({ entity: 'eve' }, 100)).items.map((each) => each.weir.alert.id)).toEqual([
      'a7',
    ])
    expect((await store.alerts({ from: Date.parse('2026-02-01') }, 100)).items).toEqual([])
  })

  test('evidence comes back byte for byte, once per record, through the members of the alert', async () => {
    const bytes = Buffer.from('{"a": "\\u00e9"}')
    const position = { source: 's', partition: 'p', at: '1', index: 0 }
    const sha256 = hash(bytes).toString('hex')
    const of = (identity: string) => ({ identity, eventId: identity, dataset: 'd', position, bytes, sha256 })
    const members = [member('m1', 'a'), member('m2', 'a'), member('m3')]
    await store.commit({
      ...nothing,
      members,
      alerts: [revisionOf(alertOf('a', 1))],
      evidence: [of('m2'), of('m1'), of('m3'), of('m1')],
    })
    const kept: Evidence[] = []
    for await (const each of store.evidence('a')) kept.push(each)
    expect(kept.map((each) => each.eventId)).toEqual(['m1', 'm2'])
    expect(Buffer.from(kept[0]!.bytes)).toEqual(bytes)
    expect(await store.verify()).toEqual([])
  })

  test('members that share time and identity are all there, whatever the size of the pages', async () => {
    const many = ['a', 'b', 'c'].flatMap((rule) =>
      ['x', 'y'].map((value) => ({
        ...member('m1', 'e1'),
        value,
        match: { ...member('m1').match, rule },
      })),
    )
    await store.commit({ ...nothing, members: [...many, member('m2', 'e1')], episodes: [episode('e1')] })
    for (const limit of [1, 2, 3, 6]) {
      const seen: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await store.members('e1', limit, after)
        seen.push(...page.items.map((each) => `${each.match.identity} ${each.match.rule} ${each.value}`))
        if (page.next === undefined) break
        after = page.next
      }
      expect(seen).toEqual(['m1 a x', 'm1 a y', 'm1 b x', 'm1 b y', 'm1 c x', 'm1 c y', 'm2 r m2'])
    }
  })

  test.each(['', 'x', '1e3', '-1', '1.5', '[1,"m1","r"]', '[1,"m1","r",2]', '{}'])(
    'a place that no page gave is refused: %j',
    async (after) => {
      const refused = { code: 'WRONG_USE' }
      await expect(store.alerts({}, 10, after)).rejects.toMatchObject(refused)
      await expect(store.members('e1', 10, after)).rejects.toMatchObject(refused)
      await expect(store.quarantine(10, after)).rejects.toMatchObject(refused)
    },
  )

  test('members of an alert are paged by time', async () => {
    const members = Array.from({ length: 7 }, (_, n) => member(`m${10 + n}`, 'e1'))
    await store.commit({ ...nothing, members, episodes: [episode('e1')] })
    const first = await store.members('e1', 4)
    const rest = await store.members('e1', 4, first.next)
    expect([...first.items, ...rest.items].map((each) => each.match.identity)).toEqual(
      members.map((each) => each.match.identity),
    )
  })
})

describe('the feed', () => {
  test('chains what it stores, and a reader arrives at the head', async () => {
    for (let n = 0; n < 5; n++) await store.commit({ ...nothing, alerts: [revisionOf(alertOf(`a${n}`, 1))] })
    let at = chain.start(await store.epoch(), 'urgent')
    for (const entry of await store.read('urgent', 0, 1e9)) at = chain.next(at, chain.digest(entry.line!))
    expect(at).toBe((await store.heads()).urgent.chain)
    expect(await store.verify()).toEqual([])
  })

  test('a later revision takes the place of one that is still there', async () => {
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 1))] })
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 2))] })
    const entries = await store.read('urgent', 0, 1e9)
    expect(entries.map((each) => each.skip)).toEqual(['superseded', undefined])
    expect(await store.verify()).toEqual([])
  })

  test('tells who listens, after the commit', async () => {
    const told: string[] = []
    store.onAppend((lane) => told.push(lane))
    await store.commit({
      ...nothing,
      alerts: [revisionOf(alertOf('a', 1)), revisionOf(alertOf('b', 1, 'low'))],
    })
    expect(told.sort()).toEqual(['bulk', 'urgent'])
  })

  test('a new epoch chains anew from the same numbers', async () => {
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 1))] })
    const before = await store.heads()
    await store.renewEpoch()
    const after = await store.heads()
    expect(after.urgent.seq).toBe(1)
    expect(after.urgent.chain).not.toBe(before.urgent.chain)
    expect(await store.verify()).toEqual([])
  })

  test('damage to a stored line is found', async () => {
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 1)), revisionOf(alertOf('b', 1))] })
    const raw = new Sqlite(join(folder, 'weir.db'))
    raw
      .prepare(
        `update feed set line = cast(replace(cast(line as text), 'alert a', 'alert x') as blob) where seq = 1`,
      )
      .run()
    raw.close()
    expect(await store.verify()).toEqual(['urgent lane: line 1 is not what was written'])
  })
})

describe('the ledger', () => {
  const count = (day: string, caller: string, received: number, sent: number) => ({
    day,
    caller,
    received,
    sent,
    feedBytes: 10,
    feedPackedBytes: 4,
    evidenceBytes: 1,
    breaks: 0,
  })

  test('link bytes add up by day and caller, with what the forwarder counted beside them', async () => {
    await store.addLink([count('2026-03-01', 'north', 5, 7), count('2026-03-02', 'north', 1, 2)])
    await store.addLink([count('2026-03-02', 'north', 10, 20), count('2026-03-02', '', 3, 4)])
    await store.markOwnLink('north', [
      { day: '2026-03-02', received: 9, sent: 21 },
      { day: '2026-03-03', received: 1, sent: 1 },
    ])
    await store.markOwnLink('north', [{ day: '2026-03-02', received: 11, sent: 22 }])
    const twice = { feedBytes: 20, feedPackedBytes: 8, evidenceBytes: 2 }
    const nothing = { sent: 0, received: 0, feedBytes: 0, feedPackedBytes: 0, evidenceBytes: 0 }
    expect(await store.linkDays('2026-03-02', '2026-03-09')).toEqual([
      count('2026-03-02', '', 3, 4),
      { ...count('2026-03-02', 'north', 11, 22), ...twice, own: { received: 11, sent: 22 } },
      { ...count('2026-03-03', 'north', 0, 0), ...nothing, own: { received: 1, sent: 1 } },
    ])
    expect(await store.linkDays('2026-03-01', '2026-03-01')).toEqual([count('2026-03-01', 'north', 5, 7)])
  })

  test('what was read adds up by the day of its commit', async () => {
    const none = { duplicates: 0, dropped: 0, droppedBy: {}, quarantined: 0, events: 0 }
    const books = (read: number, rawBytes: number) => ({
      ...none,
      source: 'hub',
      read,
      normalized: read,
      rawBytes,
    })
    const at = Date.parse('2026-03-01T23:59:59.999Z')
    await store.commit({ ...nothing, at, books: [books(2, 200)] })
    await store.commit({ ...nothing, at, books: [books(1, 50)] })
    await store.commit({ ...nothing, at: at + 1, books: [books(4, 400)] })
    expect(await store.rawDays('2026-03-01', '2026-03-02')).toEqual([
      { day: '2026-03-01', source: 'hub', rawBytes: 250, records: 3 },
      { day: '2026-03-02', source: 'hub', rawBytes: 400, records: 4 },
    ])
  })

  test('days go when they are older than the ledger is kept', async () => {
    const now = Date.parse('2026-03-01T12:00:00Z')
    const dayAgo = (days: number): string => new Date(now - days * DAY).toISOString().slice(0, 10)
    await store.addLink([count(dayAgo(400), 'north', 1, 1), count(dayAgo(401), 'north', 1, 1)])
    await store.retire(policy, now)
    expect((await store.linkDays('2000-01-01', '2100-01-01')).map(({ day }) => day)).toEqual([dayAgo(400)])
  })
})

describe('retention', () => {
  test('drops entries that every output of every registered forwarder has acknowledged', async () => {
    for (let n = 0; n < 4; n++) await store.commit({ ...nothing, alerts: [revisionOf(alertOf(`a${n}`, 1))] })
    await store.openSession('f', 's', ['one', 'two'], 1)
    await store.mark('f', { delivered: { one: { urgent: 3 }, two: { urgent: 2 } } }, 1)
    expect((await store.retire(policy, 2)).feedEntries).toBe(2)
    expect((await store.read('urgent', 0, 1e9)).map((each) => each.seq)).toEqual([3, 4])
    expect(await store.chainAt('urgent', 2)).toBeDefined()
    await store.openSession('f', 's2', ['one'], 3)
    expect((await store.retire(policy, 4)).feedEntries).toBe(1)
    expect(await store.verify()).toEqual([])
  })

  test('over feedBytesMax the oldest become tombstones, and the chain still holds', async () => {
    for (let n = 0; n < 10; n++) await store.commit({ ...nothing, alerts: [revisionOf(alertOf(`a${n}`, 1))] })
    const retired = await store.retire({ ...policy, feedBytesMax: 2_500 }, 2)
    expect(retired.feedClosed).toBeGreaterThan(5)
    expect(retired.feedClosedBy).toEqual([{ rule: 'r', entries: retired.feedClosed }])
    const entries = await store.read('urgent', 0, 1e9)
    expect(entries.filter((each) => each.skip === 'closed')).toHaveLength(retired.feedClosed)
    expect(entries.at(-1)?.line).toBeDefined()
    expect(await store.verify()).toEqual([])
  })

  test('entries stand closed until every forwarder has passed them, however often one looks', async () => {
    for (let n = 0; n < 10; n++) await store.commit({ ...nothing, alerts: [revisionOf(alertOf(`a${n}`, 1))] })
    await store.openSession('f', 's', ['one'], 1)
    const tight = { ...policy, feedBytesMax: 2_500 }
    const { feedClosed } = await store.retire(tight, 2)
    expect((await store.retire(tight, 3)).feedClosed).toBe(feedClosed)
    await store.mark('f', { delivered: { one: { urgent: 10 } } }, 4)
    expect((await store.retire(tight, 5)).feedClosed).toBe(0)
  })

  test('what was superseded, closed or dropped no longer counts towards feedBytesMax', async () => {
    for (const [id, revision] of [
      ['a0', 1],
      ['a1', 1],
      ['a0', 2],
      ['a2', 1],
      ['a3', 1],
    ] as const)
      await store.commit({ ...nothing, alerts: [revisionOf(alertOf(id, revision))] })
    await store.openSession('f', 's', ['one'], 1)
    await store.mark('f', { delivered: { one: { urgent: 2 } } }, 1)
    await store.retire(policy, 2)
    const held = async () => (await store.read('urgent', 0, 1e9)).flatMap(({ line }) => line ?? [])
    const bytes = (await held()).reduce((sum, line) => sum + line.length, 0)
    expect((await store.retire({ ...policy, feedBytesMax: bytes }, 3)).feedClosed).toBe(0)
    expect((await store.retire({ ...policy, feedBytesMax: bytes - 1 }, 4)).feedClosed).toBe(1)
    expect(await held()).toHaveLength(2)
  })

  test('a flood of unreadable records makes room for itself before any alert goes', async () => {
    const closed = alertOf('kept', 1)
    const body = { ...closed, weir: { alert: { ...closed.weir.alert, status: 'closed' as const } } }
    await store.commit({ ...nothing, alerts: [revisionOf(body)] })
    const position = { source: 's', partition: 'p', at: '1', index: 0 }
    const flood = Array.from({ length: 2_000 }, () => ({ position, bytes: Buffer.alloc(1_000), reason: 'x' }))
    await store.commit({ ...nothing, quarantine: flood })
    const retired = await store.retire({ ...policy, storeBytesMax: 1_000_000 }, 2)
    expect(retired).toMatchObject({ alerts: 0 })
    expect(retired.quarantine).toBeGreaterThan(1_000)
    expect((await store.quarantine(1)).items).toHaveLength(1)
  })

  test('an alert whose episode ends without a further revision is closed, and may go', async () => {
    await store.commit({
      ...nothing,
      at: 0,
      alerts: [revisionOf(alertOf('e1', 1))],
      episodes: [episode('e1')],
    })
    expect((await store.retire(policy, 31 * 86_400_000)).alerts).toBe(0)
    await store.commit({ ...nothing, episodes: [episode('e1', 'closed')] })
    expect((await store.alert('e1'))?.weir.alert.status).toBe('closed')
    expect((await store.heads()).urgent.seq).toBe(1)
    expect((await store.retire(policy, 31 * 86_400_000)).alerts).toBe(1)
  })

  test('tombstones that nobody fetches go beyond their bound, and a reader begins behind them', async () => {
    for (let n = 0; n < 10; n++) await store.commit({ ...nothing, alerts: [revisionOf(alertOf(`a${n}`, 1))] })
    const tight = { ...policy, feedBytesMax: 2_500 }
    const { feedClosed } = await store.retire(tight, 2)
    expect((await store.retire({ ...tight, feedTombstonesMax: feedClosed }, 3)).feedEntries).toBe(0)
    expect((await store.retire({ ...tight, feedTombstonesMax: feedClosed - 1 }, 4)).feedEntries).toBe(
      feedClosed,
    )
    expect((await store.base('urgent')).seq).toBe(feedClosed)
    expect((await store.read('urgent', feedClosed, 1e9)).every((each) => each.line !== undefined)).toBe(true)
    expect(await store.verify()).toEqual([])
  })

  test('old closed alerts go with their evidence, open ones stay', async () => {
    const closed = alertOf('old', 1)
    const body = { ...closed, weir: { alert: { ...closed.weir.alert, status: 'closed' as const } } }
    await store.commit({ ...nothing, at: 0, alerts: [revisionOf(body), revisionOf(alertOf('open', 1))] })
    expect((await store.retire(policy, 31 * 86_400_000)).alerts).toBe(1)
    expect(await store.alert('old')).toBeUndefined()
    expect(await store.alert('open')).toBeDefined()
  })
})

describe('evidence that has lost its members', () => {
  const at = (name: string, day = 0) => {
    const shut = alertOf(name, 1)
    const alert = { ...shut, weir: { alert: { ...shut.weir.alert, status: 'closed' as const } } }
    return { ...nothing, at: day * DAY, alerts: [revisionOf(alert)] }
  }
  const evidenceOf = (identity: string, text = identity): Evidence => {
    const bytes = Buffer.from(text)
    const position = { source: 's', partition: 'p', at: identity, index: 0 }
    const sha256 = hash(bytes).toString('hex')
    return { identity, eventId: identity, dataset: 'd', position, bytes, sha256 }
  }
  const counts = () => {
    const file = new Sqlite(join(folder, 'weir.db'), { readonly: true })
    const count = (table: string) => file.prepare(`select count(*) from ${table}`).pluck().get()
    const all = [count('evidence'), count('record'), count('evidence_loose')]
    file.close()
    return all
  }

  test('goes with its alert, unless another alert has the event too; a record goes with its last event', async () => {
    const members = [member('m1', 'a'), member('m2', 'a'), { ...member('m2', 'b'), value: 'w' }]
    const evidence = [evidenceOf('m1', 'same bytes'), evidenceOf('m2', 'same bytes'), evidenceOf('m3')]
    await store.commit({ ...at('a', 1), members: [...members, member('m3', 'a')], evidence })
    await store.commit(at('b', 5))
    await store.retire(policy, 32 * DAY)
    expect(counts()).toEqual([1, 1, 0])
    await store.retire(policy, 36 * DAY)
    expect(counts()).toEqual([0, 0, 0])
  })

  test('goes with a member that comes and passes in one commit', async () => {
    const [members, evidence] = [[member('m1')], [evidenceOf('m1')]]
    const { ruleHash, groupKey } = members[0]!
    const passed = [{ ruleHash, groupKey, before: Number.MAX_SAFE_INTEGER }]
    await store.commit({ ...nothing, members, evidence, passed })
    await store.retire(policy, 0)
    expect(counts()).toEqual([0, 0, 0])
  })

  test('goes when its member is forgotten or passed without an alert, not when it comes back before', async () => {
    const members = ['m1', 'm2', 'm3'].map((identity) => member(identity))
    await store.commit({ ...nothing, members, evidence: ['m1', 'm2', 'm3'].map((each) => evidenceOf(each)) })
    await store.commit({ ...nothing, forgotten: members.slice(0, 2) })
    await store.commit({ ...nothing, members: members.slice(1, 2) })
    await store.retire(policy, 0)
    expect(counts()).toEqual([2, 2, 0])
    const { ruleHash, groupKey } = members[0]!
    await store.commit({ ...nothing, passed: [{ ruleHash, groupKey, before: Number.MAX_SAFE_INTEGER }] })
    await store.retire(policy, 0)
    expect(counts()).toEqual([0, 0, 0])
  })

  test('what goes for the bound alone is told apart, with the age of what went', async () => {
    for (let n = 0; n < 5; n++) {
      const evidence = Array.from({ length: 40 }, (_, k) =>
        evidenceOf(`m${n * 100 + k}`, `${n}-${k}`.repeat(2_000)),
      )
      const members = evidence.map(({ identity }) => member(identity, `a${n}`))
      await store.commit({ ...at(`a${n}`, n), members, evidence })
    }
    expect((await store.retire(policy, 0)).bound).toEqual({ alerts: 0, quarantine: 0, bytesOver: 0 })
    const { alerts, bound } = await store.retire({ ...policy, storeBytesMax: 1 }, 5 * DAY)
    expect([alerts, bound.alerts, bound.alertsUpTo]).toEqual([5, 5, 4 * DAY])
    expect(bound.bytesOver).toBeGreaterThan(0)
    expect(counts()).toEqual([0, 0, 0])
  })
})

describe('the audit of evidence', () => {
  const asked = (at: number) => ({ at, caller: 'c', role: 'reader' as const, remote: '::1', alert: 'a' })
  const served = { outcome: 'served', records: 2, recordBytes: 30, sentBytes: 20 } as const

  test('keeps what was begun as such over a restart, and sums by caller and day', async () => {
    const n = await store.evidenceAsked(asked(DAY + 1))
    await store.evidenceServed(n, { ...served, ended: DAY + 2 })
    await store.evidenceAsked({ ...asked(2 * DAY), caller: 'd' })
    await store.close()
    store = open()
    expect((await store.audits(10)).items).toEqual([
      { ...asked(2 * DAY), caller: 'd', outcome: 'begun', records: 0, recordBytes: 0, sentBytes: 0 },
      { ...asked(DAY + 1), ...served, ended: DAY + 2 },
    ])
    const sum = { requests: 1, recordBytes: 30, sentBytes: 20 }
    expect(await store.evidenceBytes(0, 2 * DAY)).toEqual([{ caller: 'c', day: 1, ...sum }])
    expect(await store.evidenceBytes(0, 3 * DAY)).toHaveLength(2)
  })

  test('remembers 400 days', async () => {
    for (const day of [1, 2, 3]) await store.evidenceAsked(asked(day * DAY))
    await store.retire(policy, 402 * DAY)
    expect((await store.audits(10)).items.map(({ at }) => at)).toEqual([3 * DAY, 2 * DAY])
  })
})

describe('a store opened only to look', () => {
  const look = () =>
    openStore({ path: join(folder, 'weir.db'), chain, random: () => 'no epoch is named', readOnly: true })

  test('is read and verified while another process has it open, and takes no commit', async () => {
    await store.commit({ ...nothing, alerts: [revisionOf(alertOf('a', 1))] })
    const second = look()
    expect(await second.verify()).toEqual([])
    expect((await second.alerts({}, 10)).items).toHaveLength(1)
    await expect(
      second.commit({ ...nothing, cursors: [{ source: 's', key: 'k', value: '1' }] }),
    ).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await second.close()
  })

  test('is not made where there is none, nor brought to a newer version', async () => {
    const at = (path: string) => () => openStore({ path, chain, random: () => '', readOnly: true })
    const failed = expect.objectContaining({ code: 'STORE_FAILED' })
    expect(at(join(folder, 'none.db'))).toThrow(failed)
    expect(existsSync(join(folder, 'none.db'))).toBe(false)
    new Sqlite(join(folder, 'old.db')).exec('create table t (x)').close()
    expect(at(join(folder, 'old.db'))).toThrow(failed)
    expect(storeVersion(join(folder, 'old.db'))).toEqual({ found: 0, known: MIGRATIONS.length })
  })

  test('what older books counted as dropped or quarantined still adds up', async () => {
    const path = join(folder, 'four.db')
    const old = new Sqlite(path)
    for (const step of MIGRATIONS.slice(0, 4)) old.exec(step)
    old.pragma('user_version = 4')
    old.exec(`insert into books values ('s', 9, 2, 0, 4, 3, 2, 100, 1), ('t', 1, 1, 0, 0, 0, 1, 10, 1)`)
    old.exec(`insert into quarantine values (1, 's', 'p', '1', 0, 'why', x'7b', 1)`)
    old.close()
    const opened = openStore({ path, chain, random: () => 'e' })
    expect((await opened.books()).map((each) => each.droppedBy)).toEqual([{ '(before)': 4 }, {}])
    expect(await opened.verify()).toEqual([])
    await opened.close()
  })

  test('pages that were overwritten are told, not thrown', async () => {
    const evidence = Array.from({ length: 40 }, (_, n) => ({
      identity: `m${n}`,
      eventId: `m${n}`,
      dataset: 'd',
      position: { source: 's', partition: 'p', at: String(n), index: 0 },
      bytes: Buffer.alloc(5_000, n),
      sha256: hash(Buffer.alloc(5_000, n)).toString('hex'),
    }))
    await store.commit({ ...nothing, evidence })
    await store.close()
    // Behind the tables, among the records.
    const { size } = statSync(join(folder, 'weir.db'))
    const file = openSync(join(folder, 'weir.db'), 'r+')
    writeSync(file, Buffer.alloc(4096 * 20, 7), 0, 4096 * 20, size - 4096 * 20)
    closeSync(file)
    const damaged = look()
    const wrong = await damaged.verify()
    expect(wrong.length).toBeGreaterThan(0)
    expect(wrong.every((line) => /^(file|evidence)/.test(line))).toBe(true)
    await damaged.close()
    store = open()
  })
})
