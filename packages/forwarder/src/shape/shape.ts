import type { AlertV1 } from '@weir/contract'
import { numbered } from './attack-numbering.ts'
import type { ShapeConfig } from './config.ts'
import { only } from './fields.ts'
import { passes } from './filter.ts'
import { redacted } from './redact.ts'

/** What an output gets of an alert. */
export interface Shape {
  /** False for an alert that is not for this output. */
  passes(alert: AlertV1): boolean
  /** The alert as this output may see it: hidden first, so that what is left out is still looked for elsewhere. */
  of(alert: AlertV1): AlertV1
}

export function shapeOf({ filter, fields, redact, attack }: ShapeConfig): Shape {
  const steps: ((alert: AlertV1) => AlertV1)[] = []
  if (redact !== undefined) steps.push((alert) => redacted(alert, redact))
  if (fields !== undefined) steps.push((alert) => only(alert, fields))
  if (attack !== undefined) steps.push((alert) => numbered(alert, attack))
  return {
    passes: (alert) => passes(alert, filter),
    of: (alert) => steps.reduce((shaped, step) => step(shaped), alert),
  }
}
