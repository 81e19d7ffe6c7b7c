import type {
  Alert,
  Episode,
  KeptMember,
  LineState,
  Recall,
  SourceRhythm,
  StoredSightings,
} from '@weir/model'
import type { Database } from 'better-sqlite3'
import { KeptRow } from './kept-member.ts'
import { type MemberRow, memberOf, queryClocks } from './queries.ts'

/** What the line goes on from: cursors, clocks, open episodes in the order of their minting, and members in reach. */
export function loadLine(database: Database): LineState {
  return {
    cursors: loadCursors(database),
    clocks: queryClocks(database),
    correlation: {
      members: { [Symbol.iterator]: () => loadMembers(database) },
      episodes: loadEpisodes(database),
      recall: prepareRecall(database),
      sightings: loadSightings(database),
    },
    health: loadHealth(database),
    rhythms: loadRhythms(database),
  }
}

function loadCursors(database: Database): Map<string, Map<string, string>> {
  const cursors = new Map<string, Map<string, string>>()
  const rows = database.prepare('select source, key, value from cursor').all() as Record<string, string>[]
  for (const { source, key, value } of rows) {
    const ofSource = cursors.get(source!) ?? new Map<string, string>()
    cursors.set(source!, ofSource.set(key!, value!))
  }
  return cursors
}

/** One row at a time: there may be millions. Nothing can be written meanwhile. */
function* loadMembers(database: Database): Generator<KeptMember> {
  const rows = database
    .prepare(
      `select * from member where episode is null or episode in (select id from episode where status = 'open')`,
    )
    .iterate() as IterableIterator<MemberRow>
  for (const row of rows) yield new KeptRow(row)
}

function prepareRecall(database: Database): Recall {
  const ofGroup = database.prepare(
    'select * from member where rule_hash = ? and group_key = ? and episode is null',
  )
  return (ruleHash, groupKey) => (ofGroup.all(ruleHash, groupKey) as MemberRow[]).map(memberOf)
}

function loadEpisodes(database: Database): Episode[] {
  const rows = database
    .prepare(`select body from episode where status = 'open' order by n`)
    .pluck()
    .all() as string[]
  return rows.map((body) => JSON.parse(body) as Episode)
}

function loadSightings(database: Database): StoredSightings[] {
  const rows = database
    .prepare('select correlation, rule_hash as ruleHash, group_key as groupKey, term, runs from sighting')
    .all() as (Omit<StoredSightings, 'runs'> & { readonly runs: string })[]
  return rows.map((row) => ({ ...row, runs: JSON.parse(row.runs) as number[] }))
}

function loadHealth(database: Database): Alert[] {
  const rows = database
    .prepare(`select doc from alert where kind = 'health' and status = 'open'`)
    .pluck()
    .all() as string[]
  return rows.map((doc) => JSON.parse(doc) as Alert)
}

function loadRhythms(database: Database): SourceRhythm[] {
  const rows = database.prepare('select * from rhythm').all() as (Omit<SourceRhythm, 'days'> & {
    readonly days: string
  })[]
  return rows.map((row) => ({ ...row, days: JSON.parse(row.days) as SourceRhythm['days'] }))
}
