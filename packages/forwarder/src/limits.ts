/** Every bound of the forwarder that is not configured. */
export interface Limits {
  /** Seconds that a long poll waits for news. */
  readonly pollSeconds: number
  /** First and longest wait before the aggregator is tried again. */
  readonly linkRetryMs: { readonly firstMs: number; readonly maxMs: number }
  /** Nothing from an aggregator for so long is a health alert of our own. */
  readonly linkDownMs: number
  /** Time between two looks whether it is so. */
  readonly linkLookMs: number
  /** Time between two looks whether `weir queue` changed the spool. */
  readonly queueLookMs: number
  /** First and longest wait before an output is tried again. */
  readonly outputRetryMs: { readonly firstMs: number; readonly maxMs: number }
  /** Wait after a refusal that only a person can cure, such as a wrong token. */
  readonly configurationRetryMs: number
  /** Longest wait that a receiver may ask for; a longer one is cut to this. */
  readonly retryAfterMsMax: number
  /** Shortest time between two reports of marks; those that arise meanwhile go out together. */
  readonly marksEveryMs: number
  /** An output that has failed for this long is reported to the aggregator as stuck. */
  readonly stuckAfterMs: number
  /** Entries and bytes that an output is given at once; one entry over the bytes goes alone. */
  readonly batchEntriesMax: number
  readonly batchBytesMax: number
  /**
   * Acknowledged alerts that are remembered per spool; beyond it the oldest go, at worst they are sent
   * again.
   */
  readonly rememberedEntriesMax: number
  /** Refused entries that are kept; beyond it the oldest go, and only the counter remembers them. */
  readonly quarantineEntriesMax: number
  /** Time for which a syslog connection must stay up after a write before its messages count as received. */
  readonly confirmMs: number
  /** The same after the first write over TLS: with TLS 1.3 a server refuses our certificate only then. */
  readonly firstConfirmMs: number
  /** Batches on their way through one syslog connection: written, and not yet confirmed. */
  readonly syslogSendsMax: number
  /**
   * Bytes of messages, and their greatest age, that are sent again after a connection broke; it errs towards
   * repeating. As many bytes as both kernels can hold unread (Linux: 4 and 6 MB), and as long as Linux takes to
   * give up on a receiver that fell silent with less than that in between (`tcp_retries2`: 15 to 30 minutes).
   */
  readonly windowBytesMax: number
  readonly windowMs: number
  /** The same after the receiver closed in order: only what it may have read and not yet kept. */
  readonly windowClosedMs: number
  /** Time for connecting, handshake included. */
  readonly connectMs: number
  /** Time for handing a batch to the kernel; a receiver that takes nothing for so long is taken for dead. */
  readonly writeMs: number
  /** Bytes of one HEC request before compression; one event over it goes alone. */
  readonly hecBytesMax: number
  /** First and longest time between two questions for acknowledgement, and until the events are sent again. */
  readonly hecAckPollMs: { readonly firstMs: number; readonly maxMs: number }
  readonly hecAckMs: number
  /** The latter when the connection has ended over which they went. */
  readonly hecAckEndedMs: number
  /** Batches that wait for acknowledgement at once. */
  readonly hecAckSendsMax: number
  /** Bytes of what goes to Kafka at once; below what brokers take of a batch, since all may go to one partition. */
  readonly kafkaBytesMax: number
  /** Bytes of one webhook's body; an alert whose body would be larger is refused. */
  readonly webhookBytesMax: number
  /** Alerts that a webhook refuses one after another; the next refusal is taken for one of the set-up. */
  readonly webhookRefusedMax: number
  /** Bytes of one `_bulk` request before compression; one document over it goes alone. */
  readonly elasticBytesMax: number
  /** Times that a document is sent at once when the receiver puts it off; then the whole batch comes again. */
  readonly elasticTriesMax: number
  /** Bytes of the rows of one call of Logs Ingestion before compression; the service takes 1 MB, packed or not. */
  readonly logsIngestionBytesMax: number
  /** Rows that Logs Ingestion refuses one after another; the next refusal is taken for one of the set-up. */
  readonly logsIngestionRefusedMax: number
  /** Time for the last marks and for outputs to close when we stop. */
  readonly stopMs: number
}

export const LIMITS: Limits = {
  pollSeconds: 30,
  linkRetryMs: { firstMs: 250, maxMs: 30_000 },
  linkDownMs: 900_000,
  linkLookMs: 5000,
  queueLookMs: 1000,
  outputRetryMs: { firstMs: 250, maxMs: 30_000 },
  configurationRetryMs: 60_000,
  retryAfterMsMax: 3_600_000,
  marksEveryMs: 1000,
  stuckAfterMs: 60_000,
  batchEntriesMax: 500,
  batchBytesMax: 1_000_000,
  rememberedEntriesMax: 1_000_000,
  quarantineEntriesMax: 10_000,
  confirmMs: 100,
  firstConfirmMs: 1000,
  syslogSendsMax: 4,
  windowBytesMax: 12_000_000,
  windowMs: 30 * 60_000,
  windowClosedMs: 5000,
  connectMs: 10_000,
  writeMs: 60_000,
  hecBytesMax: 1_000_000,
  hecAckPollMs: { firstMs: 100, maxMs: 1000 },
  hecAckMs: 300_000,
  hecAckEndedMs: 30_000,
  hecAckSendsMax: 8,
  kafkaBytesMax: 500_000,
  webhookBytesMax: 1_000_000,
  webhookRefusedMax: 20,
  elasticBytesMax: 5_000_000,
  elasticTriesMax: 5,
  logsIngestionBytesMax: 1_000_000,
  logsIngestionRefusedMax: 20,
  stopMs: 3000,
}
