import type { FaultAction } from './faults.ts'
import { asked, type Refusal } from './refusal.ts'

/** What a fault can do to what it meets. */
export interface Struck {
  refuse(error: Refusal): void
  detach(error: Refusal | undefined): void
  drop(): void
  /** Goes on as if nothing had been. */
  goOn(): void
}

/** Carries out a fault; where nothing else is asked for, silence. */
export function strike(fault: FaultAction, struck: Struck): void {
  switch (fault.kind) {
    case 'refuse':
      struck.refuse(asked(fault.condition))
      break
    case 'detach':
      struck.detach(asked(fault.condition))
      break
    case 'drop':
      struck.drop()
      break
    case 'stall':
      setTimeout(() => struck.goOn(), fault.ms).unref()
      break
    case 'duplicate':
      struck.goOn()
      break
    case 'never-reply':
      break
    default:
      fault satisfies never
  }
}
