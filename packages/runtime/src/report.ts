import { type DestinationStream, type Logger, pino } from 'pino'
import { Counter, Gauge, Registry } from 'prom-client'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/**
 * Where happenings are told. One call writes the log line and moves the counter of the same name, so that the
 * two cannot drift apart: `report.event('warn', 'commit_failed', {…})` counts `weir_commit_failed_total`.
 */
export class Report {
  readonly registry = new Registry()
  readonly log: Logger
  readonly #counters = new Map<string, Counter>()
  readonly #gauges = new Map<string, Gauge>()

  constructor(log: Logger) {
    this.log = log
  }

  /** A happening: a log line, and a counter with the named labels taken from `details`. */
  event(
    level: LogLevel,
    name: string,
    details: Readonly<Record<string, unknown>> = {},
    labels: readonly string[] = [],
  ): void {
    this.log[level]({ ...details, happening: name }, name)
    this.count(name, pick(details, labels), 1)
  }

  /** Adds to `weir_<name>_total`. */
  count(name: string, labels: Readonly<Record<string, string>>, by: number): void {
    let counter = this.#counters.get(name)
    if (counter === undefined) {
      counter = new Counter({
        name: `weir_${name}_total`,
        help: words(name),
        labelNames: Object.keys(labels),
        registers: [this.registry],
      })
      this.#counters.set(name, counter)
    }
    counter.inc(labels, by)
  }

  /** Sets `weir_<name>`. */
  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    let gauge = this.#gauges.get(name)
    if (gauge === undefined) {
      gauge = new Gauge({
        name: `weir_${name}`,
        help: words(name),
        labelNames: Object.keys(labels),
        registers: [this.registry],
      })
      this.#gauges.set(name, gauge)
    }
    gauge.set(labels, value)
  }

  /** Forgets what `weir_<name>` was set to, for all labels: what is gone since must not be told for ever. */
  clearGauge(name: string): void {
    this.#gauges.get(name)?.reset()
  }
}

/** Log lines go to standard error: standard output is for data. Fields that may hold secrets are cut out. */
export function createReport(
  level: LogLevel | 'silent',
  destination: DestinationStream = process.stderr,
): Report {
  const redact = [
    '*.token',
    '*.password',
    '*.authorization',
    '*.connectionString',
    'token',
    'password',
    'authorization',
    'connectionString',
  ]
  return new Report(
    pino({ level, base: null, redact, timestamp: pino.stdTimeFunctions.isoTime }, destination),
  )
}

function pick(details: Readonly<Record<string, unknown>>, labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [label, String(details[label] ?? '')]))
}

function words(name: string): string {
  return name.replaceAll('_', ' ')
}
