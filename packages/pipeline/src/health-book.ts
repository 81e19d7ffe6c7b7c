import { createHash } from 'node:crypto'
import { type Alert, type AlertRevision, HEALTH, type HealthKind, type HealthReport } from '@weir/model'
import { ECS_VERSION, SEVERITY_NUMBER } from './alert.ts'

/** Health conditions that are raised now, each an alert of its own that closes when the condition has gone. */
export class HealthBook {
  readonly #open = new Map<string, Alert>()
  readonly #version: string
  #changed: AlertRevision[] = []

  constructor(version: string, stored: readonly Alert[]) {
    this.#version = version
    for (const alert of stored) {
      const { group } = alert.weir.alert
      this.#open.set(`${group['code']}\n${group['subject']}`, alert)
    }
  }

  /**
   * Takes a report in: the first of a condition opens an alert, further ones change nothing until it is cleared;
   * those of a kind that is renewed revise it after their time.
   */
  report(report: HealthReport, now: number): void {
    const key = `${report.code}\n${report.subject}`
    const open = this.#open.get(key)
    if (report.state === 'raised' && open === undefined) {
      const alert = healthAlert(report, this.#version, now)
      this.#open.set(key, alert)
      this.#ship(alert)
    } else if (report.state === 'raised' && open !== undefined && isStale(open, report, now)) {
      const alert = renewed(open, report, now)
      this.#open.set(key, alert)
      this.#ship(alert)
    } else if (report.state === 'cleared' && open !== undefined) {
      this.#open.delete(key)
      this.#ship(closed(open, now))
    }
  }

  /** Revisions since the last take. */
  take(): AlertRevision[] {
    const changed = this.#changed
    this.#changed = []
    return changed
  }

  raised(): { readonly code: string; readonly subject: string; readonly since: string }[] {
    return [...this.#open.values()].map(({ weir }) => ({
      code: String(weir.alert.group['code']),
      subject: String(weir.alert.group['subject']),
      since: weir.alert.first,
    }))
  }

  #ship(alert: Alert): void {
    this.#changed.push({
      alert,
      severity: alert.weir.alert.severity,
      kind: 'health',
      ship: true,
      once: false,
    })
  }
}

function healthAlert(report: HealthReport, version: string, now: number): Alert {
  const { code, subject } = report
  const kind = HEALTH[code]
  const at = new Date(now).toISOString()
  const id = healthId(report, now)
  return {
    '@timestamp': at,
    ecs: { version: ECS_VERSION },
    message: messageOf(report),
    event: {
      kind: 'alert',
      id,
      dataset: 'weir.health',
      module: 'weir',
      provider: 'weir',
      severity: SEVERITY_NUMBER[kind.severity],
      created: at,
      start: at,
      end: at,
    },
    rule: { id: `weir.health.${code}`, name: kind.name, description: kind.when, category: 'health' },
    tags: ['health'],
    observer: { vendor: 'Weir', product: 'Weir', version },
    weir: {
      alert: {
        id,
        revision: 1,
        kind: 'health',
        status: 'open',
        severity: kind.severity,
        count: 1,
        first: at,
        last: at,
        group: { code, subject },
        events: [],
        late_by_ms: 0,
      },
      remedy: kind.remedy,
    },
  }
}

function messageOf({ code, subject, detail }: HealthReport): string {
  return `${HEALTH[code].name}: ${subject}. ${detail}`
}

function isStale({ weir }: Alert, { code }: HealthReport, now: number): boolean {
  const { renewMs }: HealthKind = HEALTH[code]
  return renewMs !== undefined && now - Date.parse(weir.alert.last) >= renewMs
}

function renewed(alert: Alert, report: HealthReport, now: number): Alert {
  return { ...revised(alert, now), message: messageOf(report) }
}

function closed(alert: Alert, now: number): Alert {
  const next = revised(alert, now)
  return { ...next, weir: { ...next.weir, alert: { ...next.weir.alert, status: 'closed' } } }
}

function revised(alert: Alert, now: number): Alert {
  const at = new Date(now).toISOString()
  const was = alert.weir.alert
  return {
    ...alert,
    '@timestamp': at,
    event: { ...alert.event, end: at },
    weir: { ...alert.weir, alert: { ...was, revision: was.revision + 1, last: at } },
  }
}

/** One instant may tell of two things of one subject, such as two gaps: the detail keeps them apart. */
function healthId({ code, subject, detail }: HealthReport, now: number): string {
  const text = `${code}\n${subject}\n${now}\n${detail}`
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
