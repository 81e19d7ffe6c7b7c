import {
  type Alert,
  type AlertRevision,
  type Commit,
  type Lane,
  laneOf,
  type StoredMember,
} from '@weir/model'
import type { Database } from 'better-sqlite3'
import { prepareCanaries } from './canaries.ts'
import { entitiesOf } from './entities.ts'
import type { FeedLog } from './feed-log.ts'

/**
 * Pages of 4,096 bytes in the write-ahead log after which a commit brings them to the file: 32 MB. Commits touch
 * the same pages again and again, and a page is written to the file once however often it is in the log.
 */
const CHECKPOINT_PAGES = 8_000

/** Prepares the one transaction of the line; the returned function runs it and names the lanes that grew. */
export function prepareCommit(database: Database, feed: FeedLog): (commit: Commit) => ReadonlySet<Lane> {
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  const positions = preparePositions(database)
  const counts = prepareCounts(database)
  const evidence = prepareEvidence(database)
  const correlation = prepareCorrelation(database)
  const alerts = prepareAlerts(database, feed)
  const canaries = prepareCanaries(database)
  return database.transaction((commit: Commit) => {
    positions(commit)
    counts(commit)
    // Before members are forgotten: some come and pass in one commit, and their evidence has to go with them.
    for (const each of commit.evidence) evidence(each)
    correlation(commit)
    const grown = alerts(commit)
    canaries(commit.canaries, commit.at)
    return grown
  }).immediate
}

function preparePositions(database: Database): (commit: Commit) => void {
  const move = database.prepare(
    'insert into cursor values (?, ?, ?) on conflict do update set value = excluded.value',
  )
  const drop = database.prepare('delete from cursor where source = ? and key = ?')
  const clock = database.prepare(
    `insert into clock values (?, ?, ?, ?)
     on conflict do update set clock = excluded.clock, datasets = excluded.datasets`,
  )
  const rhythm = database.prepare(
    `insert into rhythm values (?, ?, ?, ?, ?)
     on conflict do update set heard = excluded.heard, since = excluded.since, arrival = excluded.arrival,
       days = excluded.days`,
  )
  return (commit) => {
    for (const { source, heard, since, arrival, days } of commit.rhythms)
      rhythm.run(source, Math.floor(heard), Math.floor(since), Math.floor(arrival), JSON.stringify(days))
    for (const { source, key, value } of commit.cursors) {
      if (value === '') drop.run(source, key)
      else move.run(source, key, value)
    }
    for (const each of commit.clocks) {
      clock.run(each.source, each.partition, Math.floor(each.clock), JSON.stringify(each.datasets))
    }
  }
}

function prepareCounts(database: Database): (commit: Commit) => void {
  const books = database.prepare(
    `insert into books (source, read, normalized, duplicates, dropped, quarantined, events, raw_bytes, last_commit)
     values (@source, @read, @normalized, @duplicates, @dropped, @quarantined, @events, @rawBytes, @at)
     on conflict do update set read = read + excluded.read, normalized = normalized + excluded.normalized,
       duplicates = duplicates + excluded.duplicates, dropped = dropped + excluded.dropped,
       quarantined = quarantined + excluded.quarantined, events = events + excluded.events,
       raw_bytes = raw_bytes + excluded.raw_bytes, last_commit = excluded.last_commit`,
  )
  const drop = database.prepare(
    'insert into drop_book values (?, ?, ?) on conflict do update set records = records + excluded.records',
  )
  const rule = database.prepare(
    `insert into rule_ledger (rule, matches, errors, skipped) values (@rule, @matches, @errors, @skipped)
     on conflict do update set matches = matches + excluded.matches, errors = errors + excluded.errors,
       skipped = skipped + excluded.skipped`,
  )
  const quarantine = database.prepare(
    'insert into quarantine (source, partition, at, idx, reason, bytes, created) values (?, ?, ?, ?, ?, ?, ?)',
  )
  return (commit) => {
    for (const { droppedBy, ...counts } of commit.books) {
      books.run({ ...counts, at: commit.at })
      for (const [filter, records] of Object.entries(droppedBy)) drop.run(counts.source, filter, records)
    }
    for (const each of commit.ruleCounts) rule.run(each)
    for (const { position: p, bytes, reason } of commit.quarantine) {
      quarantine.run(p.source, p.partition, p.at, p.index, reason, bytes, commit.at)
    }
  }
}

function prepareCorrelation(database: Database): (commit: Commit) => void {
  const keep = database.prepare(
    // An episode that feeds a further correlation keeps its identity while its first satisfaction moves.
    `insert into member values (?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict do update set episode = excluded.episode, time = excluded.time, match = excluded.match`,
  )
  const forget = database.prepare(
    `delete from member where rule_hash = ? and group_key = ? and identity = ? and base_rule = ? and value = ?`,
  )
  const sight = database.prepare(
    `insert into sighting values (?, ?, ?, ?, ?) on conflict do update set runs = excluded.runs`,
  )
  const unsee = database.prepare('delete from sighting where rule_hash = ? and group_key = ? and term = ?')
  const pass = database.prepare(
    'delete from member where rule_hash = ? and group_key = ? and episode is null and time < ?',
  )
  const episode = database.prepare(
    `insert into episode (id, correlation, rule_hash, group_key, body, status) values (?, ?, ?, ?, ?, ?)
     on conflict (id) do update set body = excluded.body, status = excluded.status`,
  )
  // An episode that ends as it was last shipped makes no revision; the alert that is kept says closed all the same.
  const close = database.prepare(
    `update alert set status = 'closed', doc = json_set(doc, '$.weir.alert.status', 'closed')
     where id = ? and status = 'open'`,
  )
  return (commit) => {
    for (const each of commit.members) {
      keep.run(
        ...memberKey(each),
        each.correlation,
        each.match.time,
        each.episode ?? null,
        JSON.stringify(each.match),
      )
    }
    for (const each of commit.forgotten) forget.run(...memberKey(each))
    for (const { ruleHash, groupKey, term, correlation, runs } of commit.sightings) {
      if (runs.length === 0) unsee.run(ruleHash, groupKey, term)
      else sight.run(ruleHash, groupKey, term, correlation, JSON.stringify(runs))
    }
    for (const { ruleHash, groupKey, before } of commit.passed) pass.run(ruleHash, groupKey, before)
    for (const each of commit.episodes) {
      const { id, correlation, ruleHash, groupKey, status } = each
      episode.run(id, correlation, ruleHash, groupKey, JSON.stringify(each), status)
      if (status === 'closed') close.run(id)
    }
  }
}

function memberKey(member: StoredMember): [string, string, string, string, string] {
  return [member.ruleHash, member.groupKey, member.match.identity, member.match.rule, member.value]
}

function prepareAlerts(database: Database, feed: FeedLog): (commit: Commit) => ReadonlySet<Lane> {
  const known = database.prepare('select revision from alert where id = ?').pluck()
  const put = database.prepare(
    `insert into alert values (@id, (select coalesce(max(changed), 0) + 1 from alert), @kind, @severity, @rule,
       @status, @last, @revision, @at, @doc)
     on conflict (id) do update set changed = excluded.changed, severity = excluded.severity,
       status = excluded.status, last = excluded.last, revision = excluded.revision, doc = excluded.doc`,
  )
  const entity = database.prepare('insert or ignore into alert_entity values (?, ?)')
  const shipped = database.prepare(
    `insert into rule_ledger (rule, alerts, revisions, alert_bytes) values (?, ?, ?, ?)
     on conflict do update set alerts = alerts + excluded.alerts, revisions = revisions + excluded.revisions,
       alert_bytes = alert_bytes + excluded.alert_bytes`,
  )
  const kept = database.prepare(
    `insert into rule_ledger (rule, shadow_alerts, shadow_revisions, shadow_bytes) values (?, ?, ?, ?)
     on conflict do update set shadow_alerts = shadow_alerts + excluded.shadow_alerts,
       shadow_revisions = shadow_revisions + excluded.shadow_revisions,
       shadow_bytes = shadow_bytes + excluded.shadow_bytes`,
  )

  /** Keeps one revision; false when the store already has it or a later one. */
  function keep(revision: AlertRevision, at: number): boolean {
    const { alert } = revision
    const id = alert.weir.alert.id
    const had = known.get(id) as number | undefined
    if (had !== undefined && (revision.once || had >= alert.weir.alert.revision)) return false
    put.run({ ...columns(alert), kind: revision.kind, severity: revision.severity, at })
    for (const each of entitiesOf(alert)) entity.run(each, id)
    const first = had === undefined ? 1 : 0
    if (revision.ship) shipped.run(alert.rule.id, first, 1, feed.append(alert, at))
    else kept.run(alert.rule.id, first, 1, feed.bytesOf(alert, at))
    return true
  }

  return (commit) => {
    const grown = new Set<Lane>()
    for (const each of commit.alerts) {
      if (keep(each, commit.at) && each.ship) grown.add(laneOf(each.kind, each.severity))
    }
    return grown
  }
}

function columns(alert: Alert): Record<string, string | number> {
  const { id, status, last, revision } = alert.weir.alert
  return { id, rule: alert.rule.id, status, last: Date.parse(last), revision, doc: JSON.stringify(alert) }
}

function prepareEvidence(database: Database): (evidence: Commit['evidence'][number]) => void {
  const record = database.prepare('insert or ignore into record values (?, ?)')
  const put = database.prepare('insert or ignore into evidence values (?, ?, ?, ?, ?, ?, ?, ?)')
  return ({ identity, eventId, dataset, position: p, bytes, sha256 }) => {
    record.run(sha256, bytes)
    put.run(identity, eventId, dataset, p.source, p.partition, p.at, p.index, sha256)
  }
}
