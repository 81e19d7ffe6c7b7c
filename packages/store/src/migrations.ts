import type { Database } from 'better-sqlite3'

/** Each entry brings a file from version `index` to `index + 1`; one that was released is never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  create table meta (key text primary key, value text not null) without rowid;

  create table cursor (
    source text not null, key text not null, value text not null,
    primary key (source, key)
  ) without rowid;

  create table clock (
    source text not null, partition text not null, clock integer not null, datasets text not null,
    primary key (source, partition)
  ) without rowid;

  create table books (
    source text primary key, read integer not null, normalized integer not null, duplicates integer not null,
    dropped integer not null, quarantined integer not null, events integer not null, raw_bytes integer not null,
    last_commit integer not null
  ) without rowid;

  create table rule_ledger (
    rule text primary key, matches integer not null default 0, errors integer not null default 0,
    skipped integer not null default 0, alerts integer not null default 0, revisions integer not null default 0,
    alert_bytes integer not null default 0
  ) without rowid;

  create table quarantine (
    n integer primary key, source text not null, partition text not null, at text not null, idx integer not null,
    reason text not null, bytes blob not null, created integer not null
  );

  create table member (
    rule_hash text not null, group_key text not null, identity text not null, base_rule text not null,
    value text not null, correlation text not null, time integer not null, episode text, match text not null,
    primary key (rule_hash, group_key, identity, base_rule, value)
  ) without rowid;
  create index member_identity on member (identity);
  create index member_episode on member (episode, time, identity) where episode is not null;

  create table episode (
    n integer primary key, id text not null unique, correlation text not null, rule_hash text not null,
    group_key text not null, body text not null, status text not null
  );
  create index episode_open on episode (n) where status = 'open';

  create table alert (
    id text primary key, changed integer not null unique, kind text not null, severity text not null,
    rule text not null, status text not null, last integer not null, revision integer not null,
    created integer not null, doc text not null
  );
  create index alert_last on alert (last);

  create table alert_entity (
    entity text not null, alert text not null, primary key (entity, alert)
  ) without rowid;
  create index alert_entity_alert on alert_entity (alert);

  create table record (sha256 text primary key, bytes blob not null) without rowid;

  create table evidence (
    identity text primary key, event_id text not null, dataset text not null, source text not null,
    partition text not null, at text not null, idx integer not null, sha256 text not null
  ) without rowid;
  create index evidence_sha256 on evidence (sha256);

  create table lane (lane text primary key, seq integer not null, chain text not null, base_seq integer not null, base_chain text not null) without rowid;

  create table feed (
    lane text not null, seq integer not null, alert text not null, revision integer not null, rule text not null,
    kind text not null, severity text not null, digest blob not null, chain text not null, line blob, skip text,
    primary key (lane, seq)
  ) without rowid;
  create index feed_alert on feed (alert) where line is not null;

  create table forwarder (
    name text primary key, session text, last_seen integer, served_bytes integer not null default 0,
    spooled_urgent integer not null default 0, spooled_bulk integer not null default 0
  ) without rowid;

  create table delivered (
    forwarder text not null, output text not null, lane text not null, seq integer not null,
    primary key (forwarder, output, lane)
  ) without rowid;
  `,
  // What retention asks every half minute is answered without reading lines, alerts or records: there may be
  // gigabytes of each, and nothing else runs meanwhile.
  `
  alter table lane add column bytes integer not null default 0;
  update lane set bytes = (select coalesce(sum(length(line)), 0) from feed where feed.lane = lane.lane);
  create trigger feed_appended after insert on feed when new.line is not null begin
    update lane set bytes = bytes + length(new.line) where lane = new.lane;
  end;
  create trigger feed_emptied after update of line on feed when old.line is not null begin
    update lane set bytes = bytes + coalesce(length(new.line), 0) - length(old.line) where lane = new.lane;
  end;
  create trigger feed_dropped after delete on feed when old.line is not null begin
    update lane set bytes = bytes - length(old.line) where lane = old.lane;
  end;
  create index feed_closed on feed (lane, seq) where skip = 'closed';
  create index alert_ended on alert (created) where status <> 'open';
  create index alert_health on alert (id) where kind = 'health' and status = 'open';
  create index quarantine_created on quarantine (created);
  `,
  // When terms were seen: for new_terms and absence. Runs are a JSON list of first and last times.
  `
  create table sighting (
    rule_hash text not null, group_key text not null, term text not null, correlation text not null,
    runs text not null, primary key (rule_hash, group_key, term)
  ) without rowid;
  `,
  // What rules in shadow mode would have put into the feed.
  `
  alter table rule_ledger add column shadow_alerts integer not null default 0;
  alter table rule_ledger add column shadow_revisions integer not null default 0;
  alter table rule_ledger add column shadow_bytes integer not null default 0;
  `,
  // What was dropped by the name of the filter, and how much of the quarantine retention has removed: the books
  // are proven down to these. What was counted before stands under a name that no filter can have.
  `
  create table drop_book (
    source text not null, filter text not null, records integer not null, primary key (source, filter)
  ) without rowid;
  insert into drop_book select source, '(before)', dropped from books where dropped > 0;
  alter table books add column quarantine_retired integer not null default 0;
  update books set quarantine_retired =
    quarantined - (select count(*) from quarantine where quarantine.source = books.source);
  create trigger quarantine_dropped after delete on quarantine begin
    update books set quarantine_retired = quarantine_retired + 1 where source = old.source;
  end;
  `,
  // How each source delivers, so that one that fell silent is named after a restart, too. Days are a JSON list.
  `
  create table rhythm (
    source text primary key, heard integer not null, since integer not null, arrival integer not null,
    days text not null
  ) without rowid;
  `,
  // Canaries, and when a forwarder had spooled and an output had acknowledged them; the spool's output is ''.
  `
  create table canary (
    n integer primary key, id text not null unique, source text not null, planted integer not null,
    arrived integer not null, committed integer not null, alert text, lane text, seq integer
  );
  create index canary_entry on canary (lane, seq) where seq is not null;
  create table canary_mark (
    canary text not null, forwarder text not null, output text not null, at integer not null,
    primary key (canary, forwarder, output)
  ) without rowid;
  `,
  // Bytes of the link by day (UTC) and by whose token came over it, and of what was read by day and source. The
  // forwarder's own counts stand beside ours. What was served before TLS is superseded by what crossed.
  `
  create table link_day (
    day text not null, caller text not null, received integer not null default 0, sent integer not null default 0,
    feed_bytes integer not null default 0, feed_packed_bytes integer not null default 0,
    evidence_bytes integer not null default 0, breaks integer not null default 0,
    own_received integer, own_sent integer, primary key (day, caller)
  ) without rowid;
  create table raw_day (
    day text not null, source text not null, raw_bytes integer not null, records integer not null,
    primary key (day, source)
  ) without rowid;
  create trigger books_opened after insert on books begin
    insert into raw_day values (date(new.last_commit / 1000, 'unixepoch'), new.source, new.raw_bytes, new.read)
    on conflict do update set raw_bytes = raw_bytes + excluded.raw_bytes, records = records + excluded.records;
  end;
  create trigger books_moved after update on books when new.raw_bytes > old.raw_bytes or new.read > old.read begin
    insert into raw_day values (date(new.last_commit / 1000, 'unixepoch'), new.source,
      new.raw_bytes - old.raw_bytes, new.read - old.read)
    on conflict do update set raw_bytes = raw_bytes + excluded.raw_bytes, records = records + excluded.records;
  end;
  alter table forwarder drop column served_bytes;
  `,
  // Every request for evidence: who asked, and what went out.
  `
  create table evidence_audit (
    n integer primary key autoincrement, at integer not null, caller text not null, role text not null,
    remote text not null, alert text not null, outcome text not null, ended integer, records integer not null,
    record_bytes integer not null, sent_bytes integer not null
  );
  create index evidence_audit_at on evidence_audit (at);
  `,
  // Evidence that may have lost its last member, so that retention looks at what was removed and not at everything:
  // with a million records that took half a minute. What was orphaned before this stays; it was swept every half minute.
  `
  create table evidence_loose (identity text primary key) without rowid;
  create trigger member_dropped after delete on member
    when exists (select 1 from evidence where identity = old.identity)
  begin
    insert or ignore into evidence_loose values (old.identity);
  end;
  `,
  // How far each webhook of `notify` is in the health alerts, by change number, and which conditions it has told as
  // raised. Retention may take the alert changed last; numbers begin anew below it then, and so do the marks.
  `
  create table notice_mark (name text primary key, changed integer not null, settled integer not null) without rowid;
  create table notice_told (name text not null, alert text not null, primary key (name, alert)) without rowid;
  create index alert_notice on alert (changed) where kind = 'health';
  create trigger alert_last_dropped after delete on alert
    when old.changed > (select coalesce(max(changed), 0) from alert)
  begin
    update notice_mark set changed = min(changed, (select coalesce(max(changed), 0) from alert)),
      settled = min(settled, (select coalesce(max(changed), 0) from alert));
  end;
  `,
]

/** Brings the file to the newest version, one transaction a step; returns the version it was at. */
export function migrate(database: Database): number {
  const from = Number(database.pragma('user_version', { simple: true }))
  for (let version = from; version < MIGRATIONS.length; version++) {
    database.transaction(() => {
      database.exec(MIGRATIONS[version]!)
      database.pragma(`user_version = ${version + 1}`)
    })()
  }
  return from
}
