/**
 * The steps by which a spool came to be what it is; a new one takes them all, one of an older version those
 * that it lacks. `aggregator` is whose everything is that a spool of version 1 holds, which knew only one.
 */
export function schemaSteps(aggregator: string): readonly string[] {
  return [FIRST, severalAggregators(`'${aggregator.replaceAll("'", "''")}'`), LINK_DAYS, OUTAGES]
}

/** Bytes of the link by day, as the forwarder counted them. */
const LINK_DAYS = `
  CREATE TABLE link_day (
    aggregator TEXT NOT NULL, day TEXT NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (aggregator, day)) STRICT, WITHOUT ROWID;
`

/** Outages of the link that stand, each with the alert that tells of it. */
const OUTAGES = `
  CREATE TABLE outage (aggregator TEXT PRIMARY KEY, alert TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

const FIRST = `
  CREATE TABLE feed (
    lane TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, chain TEXT NOT NULL) STRICT;
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    id TEXT NOT NULL, revision INTEGER NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
    bytes INTEGER NOT NULL, line BLOB NOT NULL) STRICT;
  CREATE INDEX entry_by_lane ON entry (lane, position);
  CREATE INDEX entry_by_id ON entry (id, revision);
  CREATE TABLE output (
    name TEXT NOT NULL, lane TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (name, lane)) STRICT;
  CREATE TABLE acknowledged (
    output TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (output, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX acknowledged_by_age ON acknowledged (at);
  CREATE TABLE quarantine (
    number INTEGER PRIMARY KEY AUTOINCREMENT, output TEXT NOT NULL, lane TEXT NOT NULL, seq INTEGER NOT NULL,
    id TEXT, revision INTEGER, reason TEXT NOT NULL, at INTEGER NOT NULL, line BLOB NOT NULL) STRICT;
`

/**
 * Several aggregators; the digest of what a revision says (null: not known); entries of the quarantine that
 * go out again; totals. Only what may replace an earlier revision is found by its id: one index entry less for
 * most. Entries are not copied: a spool may be larger than what the disk has left.
 */
const severalAggregators = (aggregator: string) => `
  ALTER TABLE entry ADD COLUMN aggregator TEXT NOT NULL DEFAULT ${aggregator};
  ALTER TABLE entry ADD COLUMN digest TEXT;
  DROP INDEX entry_by_id;
  CREATE INDEX entry_grown ON entry (id, revision) WHERE revision > 1;
  CREATE INDEX entry_by_feed ON entry (aggregator, lane, position);
  ALTER TABLE quarantine ADD COLUMN aggregator TEXT NOT NULL DEFAULT ${aggregator};
  ALTER TABLE quarantine ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
  ALTER TABLE quarantine ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX quarantine_again ON quarantine (output, number) WHERE again = 1;

  ALTER TABLE acknowledged RENAME TO acknowledged_1;
  DROP INDEX acknowledged_by_age;
  CREATE TABLE acknowledged (
    output TEXT NOT NULL, aggregator TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL,
    epoch TEXT NOT NULL, digest TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (output, aggregator, id)) STRICT, WITHOUT ROWID;
  INSERT INTO acknowledged (output, aggregator, id, revision, epoch, at)
    SELECT output, ${aggregator}, id, revision, coalesce((SELECT epoch FROM feed), ''), at FROM acknowledged_1;
  CREATE INDEX acknowledged_by_age ON acknowledged (at);
  DROP TABLE acknowledged_1;

  ALTER TABLE feed RENAME TO feed_1;
  CREATE TABLE feed (
    aggregator TEXT NOT NULL, lane TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    chain TEXT NOT NULL, PRIMARY KEY (aggregator, lane)) STRICT;
  INSERT INTO feed (aggregator, lane, epoch, seq, chain)
    SELECT ${aggregator}, lane, epoch, seq, chain FROM feed_1;
  DROP TABLE feed_1;

  CREATE TABLE total (
    of TEXT PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO total (of, entries, bytes) SELECT 'entry', count(*), coalesce(sum(bytes), 0) FROM entry;
  INSERT INTO total (of, entries, bytes) SELECT 'acknowledged', count(*), 0 FROM acknowledged;
  CREATE TRIGGER entry_came AFTER INSERT ON entry BEGIN
    UPDATE total SET entries = entries + 1, bytes = bytes + new.bytes WHERE of = 'entry'; END;
  CREATE TRIGGER entry_went AFTER DELETE ON entry BEGIN
    UPDATE total SET entries = entries - 1, bytes = bytes - old.bytes WHERE of = 'entry'; END;
  CREATE TRIGGER acknowledged_came AFTER INSERT ON acknowledged BEGIN
    UPDATE total SET entries = entries + 1 WHERE of = 'acknowledged'; END;
  CREATE TRIGGER acknowledged_went AFTER DELETE ON acknowledged BEGIN
    UPDATE total SET entries = entries - 1 WHERE of = 'acknowledged'; END;
`
