import type { AlertV1 } from '@weir/contract'
import { z } from 'zod'
import { ocsfFinding } from './ocsf.ts'

/** In which words an output that carries JSON writes an alert: the ECS document as it is, or OCSF. */
export const jsonFormat = z.enum(['ecs', 'ocsf'])

export type JsonFormat = z.output<typeof jsonFormat>

/** The alert as an object of the format. */
export function alertAs(alert: AlertV1, format: JsonFormat): Readonly<Record<string, unknown>> {
  switch (format) {
    case 'ecs':
      return alert
    case 'ocsf':
      return ocsfFinding(alert)
    default:
      return format satisfies never
  }
}
