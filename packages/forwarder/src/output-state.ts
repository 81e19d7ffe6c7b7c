/** An output's health as its worker sees it. */
export interface OutputState {
  readonly output: string
  /** Epoch milliseconds since when every attempt has failed; 0 while all is well. */
  readonly failingSince: number
  readonly reason: string
}

/** An output that has failed for long. */
export interface Stuck {
  readonly output: string
  readonly reason: string
  readonly seconds: number
}

export class OutputStates {
  readonly #states = new Map<string, OutputState>()

  constructor(names: readonly string[]) {
    for (const output of names) this.#states.set(output, { output, failingSince: 0, reason: '' })
  }

  get names(): readonly string[] {
    return [...this.#states.keys()]
  }

  of(output: string): OutputState {
    return this.#states.get(output)!
  }

  well(output: string): void {
    this.#states.set(output, { output, failingSince: 0, reason: '' })
  }

  failed(output: string, reason: string, now: number): void {
    const before = this.of(output).failingSince
    this.#states.set(output, { output, failingSince: before === 0 ? now : before, reason })
  }

  stuck(now: number, afterMs: number): readonly Stuck[] {
    return [...this.#states.values()]
      .filter(({ failingSince }) => failingSince !== 0 && now - failingSince >= afterMs)
      .map(({ output, reason, failingSince }) => ({
        output,
        reason,
        seconds: Math.round((now - failingSince) / 1000),
      }))
  }
}
