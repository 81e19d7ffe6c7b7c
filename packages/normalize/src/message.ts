import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { extentsOf } from './extents.ts'
import { inShape } from './shape.ts'

export interface Refused {
  readonly index: number
  readonly bytes: Uint8Array
  readonly reason: string
}

/** Records that were parsed at one stroke: their extents are found when somebody asks. */
interface Stroke {
  readonly start: number
  readonly end: number
  readonly first: number
  readonly count: number
}

/** What has been read of one message so far. */
export class Message {
  readonly records: JsonObject[] = []
  readonly quarantined: Refused[] = []
  readonly bytes: Buffer
  repaired = 0
  /** Start and end of each record, in pairs; -1 where it is not known yet. */
  readonly #extents: number[] = []
  readonly #strokes: Stroke[] = []

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get rawBytes(): number {
    return this.bytes.length
  }

  keep(record: JsonObject, start: number, end: number): void {
    this.records.push(inShape(record))
    this.#extents.push(start, end)
  }

  /** Records of one valid JSON text between `start` and `end`. */
  keepAll(records: readonly JsonObject[], start: number, end: number): void {
    this.#strokes.push({ start, end, first: this.records.length, count: records.length })
    for (const record of records) {
      this.records.push(inShape(record))
      this.#extents.push(-1, -1)
    }
  }

  refuse(start: number, end: number, reason: string): void {
    const index = this.records.length + this.quarantined.length
    this.quarantined.push({ index, bytes: this.bytes.subarray(start, end), reason })
  }

  /** Bytes of a record as the provider wrote them. */
  bytesOf(index: number): Uint8Array {
    if (this.#extents[2 * index] === -1) this.#settle()
    const start = this.#extents[2 * index]
    const end = this.#extents[2 * index + 1]
    if (start === undefined || end === undefined) throw new RangeError(`no record ${index} in this message`)
    return this.bytes.subarray(start, end)
  }

  #settle(): void {
    for (const stroke of this.#strokes) {
      const found = extentsOf(this.bytes, stroke.start, stroke.end)
      const known = found.length === 2 * stroke.count
      for (let i = 0; i < stroke.count; i++) {
        // A text that says its records twice hides their places: then each stands for the whole text.
        this.#extents[2 * (stroke.first + i)] = known ? (found[2 * i] as number) : stroke.start
        this.#extents[2 * (stroke.first + i) + 1] = known ? (found[2 * i + 1] as number) : stroke.end
      }
    }
    this.#strokes.length = 0
  }
}

/** The list that an envelope wraps; `undefined` for a record. */
function wrapped(value: JsonObject): readonly JsonValue[] | undefined {
  if (Array.isArray(value.records)) return value.records
  if (Array.isArray(value.Records)) return value.Records
  if (Array.isArray(value.value) && value['@odata.context'] !== undefined) return value.value
  return undefined
}

/** The records of one parsed text; `undefined` when something in it is not an object. */
export function recordsOf(value: unknown): readonly JsonObject[] | undefined {
  if (Array.isArray(value)) return flattened(value)
  if (!isObject(value)) return undefined
  const list = wrapped(value)
  return list === undefined ? [value] : allObjects(list)
}

/** A list of records, or of envelopes (as a stream processor in between leaves them). */
function flattened(list: readonly JsonValue[]): readonly JsonObject[] | undefined {
  const objects = allObjects(list)
  if (objects === undefined || !objects.some((each) => wrapped(each) !== undefined)) return objects
  const all: JsonObject[] = []
  for (const each of objects) {
    const inner = allObjects(wrapped(each) ?? [each])
    if (inner === undefined) return undefined
    all.push(...inner)
  }
  return all
}

function allObjects(list: readonly JsonValue[]): readonly JsonObject[] | undefined {
  return list.every(isObject) ? (list as readonly JsonObject[]) : undefined
}
