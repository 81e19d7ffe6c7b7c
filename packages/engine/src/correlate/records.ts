/** No record: the end of a list. */
export const NONE = -1

/** Records of a page as a power of two: a table grows by a page, and nothing is ever copied. */
const PAGE_BITS = 10
const PAGE_RECORDS = 1 << PAGE_BITS

/**
 * Many small records of whole numbers (32 bits each), outside the heap of objects. One that is given back is taken
 * again; the memory of the largest number there ever was stays.
 */
export class Records {
  readonly #fields: number
  readonly #pages: Int32Array[] = []
  #made = 0
  /** First of those given back; each holds the next one in its first field. */
  #free = NONE

  /** @param fields numbers in a record. */
  constructor(fields: number) {
    this.#fields = fields
  }

  /** A record whose fields are to be set by the taker. */
  take(): number {
    const record = this.#free
    if (record === NONE) return this.#make()
    this.#free = this.get(record, 0)
    return record
  }

  give(record: number): void {
    this.set(record, 0, this.#free)
    this.#free = record
  }

  get(record: number, field: number): number {
    const page = this.#pages[record >>> PAGE_BITS] as Int32Array
    return page[(record & (PAGE_RECORDS - 1)) * this.#fields + field] as number
  }

  set(record: number, field: number, value: number): void {
    const page = this.#pages[record >>> PAGE_BITS] as Int32Array
    page[(record & (PAGE_RECORDS - 1)) * this.#fields + field] = value
  }

  #make(): number {
    const record = this.#made++
    if ((record & (PAGE_RECORDS - 1)) === 0) this.#pages.push(new Int32Array(PAGE_RECORDS * this.#fields))
    return record
  }
}
