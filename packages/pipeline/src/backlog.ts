const MINUTE_MS = 60_000

/**
 * Whether what waits at a partition grows: the least of a minute is held against that of the minute before, so that
 * what comes and goes within one does not count.
 */
export class Backlog {
  #minute = 0
  /** The least that waited in this minute; absent until somebody says. */
  #least: number | undefined
  #before: number | undefined
  #read = false
  #rising = 0

  /** So much waits now. */
  waits(behind: number, now: number): void {
    this.#turn(now)
    this.#least = Math.min(this.#least ?? behind, behind)
    if (this.#before !== undefined && behind < this.#before) this.#rising = 0
  }

  /** Records came; what is not read at all stalls, which is another matter. */
  read(now: number): void {
    this.#turn(now)
    this.#read = true
  }

  /** Minutes in a row in which it was read and grew all the same. */
  risingMinutes(now: number): number {
    this.#turn(now)
    return this.#rising
  }

  #turn(now: number): void {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute === this.#minute) return
    this.#minute = minute
    if (this.#least !== undefined) {
      const grew = this.#before !== undefined && this.#least > this.#before
      this.#rising = grew && this.#read ? this.#rising + 1 : 0
      this.#before = this.#least
    }
    this.#least = undefined
    this.#read = false
  }
}
