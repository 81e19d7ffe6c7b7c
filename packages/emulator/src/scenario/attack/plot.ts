import type { Happening } from '../planned.ts'
import type { Random } from '../random.ts'
import type { Tenant, User } from '../tenant.ts'

/** Who attacks whom, and from where. */
export interface Plot {
  readonly tenant: Tenant
  readonly random: Random
  /** Epoch milliseconds of the first guess. */
  readonly start: number
  readonly victim: User
  readonly sprayIp: string
  readonly toolIp: string
  readonly scanIp: string
  readonly awsUser: string
}

/** One step of the attack. */
export interface Step {
  readonly id: string
  /** The rule that should make an alert of it. */
  readonly rule: string
  readonly dataset: string
  /** By what the alert should know it. */
  readonly entity: (plot: Plot) => string
  readonly act: (plot: Plot, start: number) => readonly Deed[]
}

/** A happening, and texts that occur in its record and in no other. */
export interface Deed extends Happening {
  readonly eventIds: readonly string[]
}
