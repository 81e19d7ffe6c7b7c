import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { type CefEvent, parseCef } from './cef.ts'
import type { Kept, Via } from './ledger.ts'
import { parseSyslog } from './syslog.ts'

/** What the SIEM knows of one alert id. */
export interface SiemAlert {
  readonly id: string
  /** Highest received. */
  readonly revision: number
  readonly rule: string
  readonly name: string
  readonly severity: string
  /** Messages that carried this id. */
  readonly copies: number
  /** Messages by revision; more than 1 is a repeat. */
  readonly revisions: Readonly<Record<string, number>>
  readonly via: readonly Via[]
  /** Epoch milliseconds of the first and the last message. */
  readonly firstAt: number
  readonly lastAt: number
  /** Of the highest revision: CEF extension and labelled custom fields, or the HEC event. */
  readonly fields: JsonObject
  readonly labels: Readonly<Record<string, string>>
}

type Reading = Pick<SiemAlert, 'id' | 'revision' | 'rule' | 'name' | 'severity' | 'fields' | 'labels'>

/** Alerts distinct by id, built from messages as they come. */
export class SiemAlerts {
  readonly #byId = new Map<string, SiemAlert>()
  /** Messages in which no alert could be read. */
  unreadable = 0

  keep(kept: Kept): void {
    const reading = kept.via === 'hec' ? readHec(kept.text) : readSyslog(kept.text)
    if (reading === undefined) {
      this.unreadable++
      return
    }
    const known = this.#byId.get(reading.id)
    this.#byId.set(reading.id, known === undefined ? first(reading, kept) : merged(known, reading, kept))
  }

  get size(): number {
    return this.#byId.size
  }

  all(): SiemAlert[] {
    return [...this.#byId.values()]
  }
}

function first(reading: Reading, kept: Kept): SiemAlert {
  const revisions = { [reading.revision]: 1 }
  return { ...reading, copies: 1, revisions, via: [kept.via], firstAt: kept.at, lastAt: kept.at }
}

function merged(known: SiemAlert, reading: Reading, kept: Kept): SiemAlert {
  const newer = reading.revision >= known.revision ? reading : known
  const { revision } = reading
  return {
    ...known,
    ...newer,
    copies: known.copies + 1,
    revisions: { ...known.revisions, [revision]: (known.revisions[revision] ?? 0) + 1 },
    via: known.via.includes(kept.via) ? known.via : [...known.via, kept.via],
    lastAt: kept.at,
  }
}

function readSyslog(text: string): Reading | undefined {
  const message = parseSyslog(text)
  const cef = message === undefined ? undefined : parseCef(message.message)
  return cef === undefined ? undefined : fromCef(cef)
}

function fromCef(cef: CefEvent): Reading | undefined {
  const id = cef.extension['externalId']
  if (id === undefined || id === '') return undefined
  const revision = Object.entries(cef.labels).find(([label]) => /revision/i.test(label))?.[1]
  return {
    id,
    revision: Number(revision ?? 0),
    rule: cef.classId,
    name: cef.name,
    severity: cef.severity,
    fields: cef.extension,
    labels: cef.labels,
  }
}

/** The event of a HEC object is the alert itself, or CEF text. */
function readHec(text: string): Reading | undefined {
  const { event } = JSON.parse(text) as { event: JsonValue }
  if (typeof event === 'string') {
    const cef = parseCef(event)
    return cef === undefined ? undefined : fromCef(cef)
  }
  return isObject(event) ? fromAlert(event) : undefined
}

function fromAlert(event: JsonObject): Reading | undefined {
  const alert = at(event, 'weir', 'alert')
  if (!isObject(alert) || typeof alert['id'] !== 'string') return undefined
  return {
    id: alert['id'],
    revision: Number(alert['revision'] ?? 0),
    rule: String(at(event, 'rule', 'id') ?? ''),
    name: String(at(event, 'rule', 'name') ?? ''),
    severity: String(alert['severity'] ?? ''),
    fields: event,
    labels: {},
  }
}

function at(object: JsonObject, outer: string, inner: string): JsonValue | undefined {
  const found = object[outer]
  return isObject(found) ? found[inner] : undefined
}
