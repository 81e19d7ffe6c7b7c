/** A receiver for the contract of outputs: what every one must do can be tried on it. */
export interface OutputPlace {
  /** The output's configuration, without its name; no secrets but by reference. */
  readonly config: object
  /** `id revision` of everything that has arrived, repeats included. */
  received(): readonly string[]
  /** From now on nobody listens, or nothing is taken. */
  down(): Promise<void>
  /** Takes again. */
  up(): Promise<void>
  /** Refuses this one alert for good, and takes every other. Present where it can. */
  readonly refuse?: (id: string) => void
  /** Refuses us (a wrong token, say) until it is called with `false`. Present where it can. */
  readonly refuseSetup?: (refused: boolean) => void
  close(): Promise<void>
}

export interface OutputPlaceType {
  readonly name: string
  /** What this receiver can say: that it will never take an alert, that it will not take us. */
  readonly can: readonly ('refuse one' | 'refuse us')[]
  open(): Promise<OutputPlace>
}
