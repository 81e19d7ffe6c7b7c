/** A heap of things to look at again once the watermark is beyond a time; least time first. */
export class Wakes<T> {
  readonly #times: number[] = []
  readonly #things: T[] = []

  push(time: number, thing: T): void {
    let at = this.#times.length
    this.#times.push(time)
    this.#things.push(thing)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if ((this.#times[parent] as number) <= time) break
      this.#swap(at, parent)
      at = parent
    }
  }

  /** The next thing whose time lies before the watermark, with that time. */
  popBefore(watermark: number): { readonly time: number; readonly thing: T } | undefined {
    const time = this.#times[0]
    if (time === undefined || time >= watermark) return undefined
    const thing = this.#things[0] as T
    this.#drop()
    return { time, thing }
  }

  /** The least time that still counts; what no longer does is let go on the way. */
  first(counts: (thing: T, time: number) => boolean): number | undefined {
    while (this.#times.length > 0 && !counts(this.#things[0] as T, this.#times[0] as number)) this.#drop()
    return this.#times[0]
  }

  #drop(): void {
    this.#swap(0, this.#times.length - 1)
    this.#times.pop()
    this.#things.pop()
    this.#sink()
  }

  #sink(): void {
    let at = 0
    for (;;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#times.length && (this.#times[child] as number) < (this.#times[least] as number))
          least = child
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #swap(a: number, b: number): void {
    const time = this.#times[a] as number
    const thing = this.#things[a] as T
    this.#times[a] = this.#times[b] as number
    this.#things[a] = this.#things[b] as T
    this.#times[b] = time
    this.#things[b] = thing
  }
}
