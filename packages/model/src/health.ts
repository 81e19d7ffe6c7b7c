import type { Severity } from './alert.ts'

/** One kind of health alert: when it is raised, how grave it is, what to do. */
export interface HealthKind {
  readonly name: string
  readonly when: string
  readonly severity: Severity
  readonly remedy: string
  /** It gets a revision with what is so by then when it is reported again after so long; others say it once. */
  readonly renewMs?: number
}

/** The one catalogue of health alerts; docs/health.md is made from it. */
export const HEALTH = {
  'source-cut-off': {
    name: 'Source cannot be reached',
    when: 'A source or one of its partitions could not be reached for longer than `cutOffSecondsMax`.',
    severity: 'high',
    remedy: 'Run `weir doctor` beside the aggregator: it names the host, the credential and the error.',
  },
  'source-silent': {
    name: 'Source fell silent',
    when: 'A source that is caught up has delivered nothing for longer than `watch.silent` says, for twice its longest quiet spell of the last eight days, or for longer than `silentSecondsMax`.',
    severity: 'medium',
    remedy:
      'Look whether the diagnostic setting that feeds it is still there and still names this hub or account.',
  },
  'partition-stalled': {
    name: 'Partition lags',
    when: 'A partition has had records waiting for longer than `lagSecondsMax` and its watermark stands still.',
    severity: 'medium',
    remedy: 'Look at the load of the aggregator and at `weir_source_behind`; add throughput or processors.',
  },
  'lag-grows': {
    name: 'Backlog grows',
    when: 'What waits at a partition has grown for `lagGrowsMinutesMax` minutes in a row although the partition is read.',
    severity: 'medium',
    remedy:
      'More comes than is processed: look at the load of the aggregator and for a producer gone wild, drop what nobody needs, add processors. It clears when the backlog falls.',
  },
  'sequence-gap': {
    name: 'Gap in a partition',
    when: 'Records were gone before they could be read: the service skipped sequence numbers or no longer gives a stretch of time, or datagrams were dropped.',
    severity: 'high',
    remedy:
      'Lengthen the retention of the hub, or bring the aggregator back sooner; replay the records from blobs, or export them from where the source polled them. Of syslog: raise `net.core.rmem_max`, or send over TCP.',
  },
  'position-reset': {
    name: 'Position does not fit',
    when: 'The stored position of a partition cannot be one of what the service has: it was deleted and made anew, or restored.',
    severity: 'high',
    remedy:
      'Reading goes on from the beginning of what is there. What was deleted unread is gone: replay it from blobs if there are any.',
  },
  'object-unread': {
    name: 'Object was given up',
    when: 'A queue or a listing told of an object that is missing or too large, or a message could not be understood, and it was given up after some tries.',
    severity: 'high',
    remedy:
      'The detail names it. Look who deletes objects before they are read, and at their size; when it can be read, send the dead letters of the queue again.',
  },
  'reader-evicted': {
    name: 'Displaced by another reader',
    when: 'Another reader of the same consumer group holds a partition, or five readers are attached to it already.',
    severity: 'high',
    remedy:
      'Give Weir a consumer group that nobody else reads (`consumerGroup`), or stop the other reader; reading goes on by itself when the partition is free.',
  },
  'quarantine-rate': {
    name: 'Records cannot be read',
    when: 'More than `quarantineShareMax` of the records of a source went to quarantine in the last minute.',
    severity: 'medium',
    remedy: 'Read reasons and bytes with `weir quarantine list`; the producer may have changed its format.',
  },
  'clock-skew': {
    name: 'Events from the future',
    when: 'Events carry times later than their arrival by more than `skewSecondsMax`.',
    severity: 'low',
    remedy: 'Mend the clock of the producer; until then its events count at their arrival.',
  },
  'rules-refused': {
    name: 'Rule set refused',
    when: 'Rule files changed but could not be loaded; the previous set stays in force.',
    severity: 'high',
    remedy: 'Run `weir rules check` over the rule folder; it names file, line and reason.',
  },
  'rule-errors': {
    name: 'Rule throws',
    when: 'A rule threw while it was evaluated; each throw counted as no match.',
    severity: 'low',
    remedy: 'Run `weir rules test` for that rule, and guard the operator that throws.',
  },
  'rule-disagreement': {
    name: 'Rule is compiled wrongly',
    when: 'The compiled form of a rule called an event a hit that json-rules-engine does not; the hit was taken away.',
    severity: 'medium',
    remedy:
      'Nothing to do at once: json-rules-engine decides this rule now, which is slower. Run `weir rules certify` and report the rule; a miss would not show here.',
  },
  'rule-blind': {
    name: 'Rule sees nothing',
    when: 'A field that a rule requires has not occurred since the rule was loaded, for `line.blindAfter` and in at least `line.blindEventsMin` events that were looked at, though 20 of them or more met the rest of the rule. It clears when the field occurs, when the rule matches, changes or goes.',
    severity: 'low',
    remedy:
      'The rule cannot match so far. Hold the field that the detail names against docs/fields.md, run `weir rules explain` for the rule over a record of yours, and look whether the diagnostic setting delivers the field at all.',
  },
  'state-bound': {
    name: 'Correlation bound reached',
    when: 'A correlation reached its bound of groups, members or terms; what went beyond was not correlated.',
    severity: 'medium',
    remedy:
      'Narrow the rule, shorten its timespan, or raise the bound named in the alert (`line.` in the configuration).',
  },
  'judgement-held': {
    name: 'Judgement is held',
    when: 'A rule with fixed windows or `absence` has been due for 15 minutes, and a partition that may feed it is not read so far.',
    severity: 'medium',
    remedy:
      'Mend what `source-cut-off` or `partition-stalled` names; the rule judges as soon as that is read.',
  },
  'behind-watermark': {
    name: 'Events later than their lateness',
    when: 'Matches came later than the lateness of their dataset, and correlations left them out.',
    severity: 'low',
    remedy: 'Raise `lateness` for that dataset, at the price of state kept longer.',
  },
  'commit-failed': {
    name: 'Store cannot commit',
    when: 'A commit failed (disk full, file locked); nothing moves on until one succeeds.',
    severity: 'critical',
    remedy: 'Free space on the disk of the store, or mend its permissions; the aggregator goes on by itself.',
  },
  'store-bound': {
    name: 'Store bound reached',
    when: 'The store grew beyond `storeBytesMax`: quarantined records, then closed alerts with their evidence were removed before their time, or nothing was left that may go. It clears after an hour without.',
    severity: 'high',
    remedy:
      'Raise `storeBytesMax` or lower `alertDaysMax`; look at `/v1/ledger` for a rule that alerts too much. Alerts that were delivered are in the SIEM; their evidence may still be at hub or blob.',
  },
  'disk-low': {
    name: 'Disk nearly full',
    when: 'The disk of the store, or of the spool of a forwarder, has fewer free bytes than `watch.diskFreeBytesMin` of that side. It clears when a tenth more is free.',
    severity: 'high',
    remedy:
      'Free space, or enlarge the disk. When it is full nothing is committed or spooled; nothing is lost while the services keep what waits.',
  },
  'forwarder-gone': {
    name: 'Forwarder stopped asking',
    when: 'A registered forwarder has not asked for its feed for longer than `forwarderGoneSecondsMax`.',
    severity: 'high',
    remedy: 'Look at the forwarder and at the VPN; alerts are kept until `feedBytesMax`.',
  },
  'feed-bound': {
    name: 'Feed bound reached',
    when: 'The feed grew beyond `feedBytesMax` before every forwarder had fetched it; the oldest entries were closed.',
    severity: 'critical',
    remedy: 'Bring the forwarder back or remove its registration; closed alerts remain at `/v1/alerts`.',
  },
  'link-budget': {
    name: 'Link budget spent',
    when: 'A forwarder has used up `link.maxBytesPerDay`, and alerts wait in its bulk lane; once an hour it says which.',
    severity: 'medium',
    remedy:
      'Nothing is lost: urgent alerts pass, the others go when the day (UTC) turns. Raise the budget, or see with `weir ledger` what took it, and mend or filter that rule.',
    renewMs: 3_600_000,
  },
  'spool-bound': {
    name: 'Spool bound reached',
    when: 'What waits in the spool of a forwarder reached `spool.bytesMax`: pulling pauses, or the oldest bulk alerts are closed, as `spool.whenFull` has it. It clears when a tenth is free.',
    severity: 'high',
    remedy:
      'Mend the output that does not take (`weir queue list` on premises says which), or take it out of the configuration; or raise `bytesMax`. Closed alerts remain at `/v1/alerts`.',
  },
  'feed-forked': {
    name: 'Feed does not continue',
    when: 'A forwarder holds a cursor or chain that this database does not know: it was restored, or damaged.',
    severity: 'high',
    remedy: 'Nothing to do after a restore: a new epoch began. Otherwise run `weir verify`.',
  },
  'chain-broken': {
    name: 'Feed is damaged',
    when: 'A forwarder refuses a page of the feed because its chain does not hold: a stored line is not what was written, or entries are missing. It takes nothing past that point until the page is whole.',
    severity: 'critical',
    remedy:
      'Stop the aggregator and run `weir verify`: it names lane and entry. If it finds nothing, something on the way changes what crosses; else restore the store from its backup. Where the urgent lane is the broken one, this alert comes by `notify` alone.',
  },
  'link-down': {
    name: 'Aggregator cannot be reached',
    when: 'A forwarder has not heard of its aggregator for longer than `watch.linkDownSecondsMax`. The forwarder makes this alert itself, for its own outputs: while it stands the SIEM is blind.',
    severity: 'critical',
    remedy:
      'Look at the VPN and at the aggregator; the log of the forwarder says why (`link_failed`). Alerts are kept in the cloud until `feedBytesMax`, and come when the link is back.',
  },
  'notify-failed': {
    name: 'Webhook for health alerts fails',
    when: 'A webhook of `notify` has not taken what it was sent for a minute, or refused one for good. Other webhooks, and the link, still carry it.',
    severity: 'medium',
    remedy:
      'The detail says what it answers: mend its URL, credential or body. What was not taken is sent again as it is by then.',
  },
  'output-refused': {
    name: 'Output refuses alerts',
    when: 'A forwarder reports that an output has not acknowledged for longer than `outputStuckSecondsMax`.',
    severity: 'high',
    remedy: 'Look at the forwarder log for that output; run `weir doctor` on premises.',
  },
  'credential-expiring': {
    name: 'Credential nears its end',
    when: 'A certificate or token ends within 21 days: of the API, of one of its clients, or of what a forwarder shows and trusts at its outputs.',
    severity: 'medium',
    remedy:
      'Renew it: put the successor into the same file, or beside the old one in `api.tokens`; no restart is needed. It clears within the hour.',
  },
  'credential-last-days': {
    name: 'Credential is about to end',
    when: 'A certificate or token ends within 3 days, or has ended.',
    severity: 'high',
    remedy: 'Renew it now; what it opens closes with it. `weir doctor` on that side names the file.',
  },
} as const satisfies Record<string, HealthKind>

export type HealthCode = keyof typeof HEALTH

/** A health condition seen or gone, of one subject (a source, a rule, a forwarder). */
export interface HealthReport {
  readonly code: HealthCode
  readonly subject: string
  readonly state: 'raised' | 'cleared'
  readonly detail: string
}
