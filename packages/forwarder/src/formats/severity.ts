import type { Severity } from '@weir/contract'

/** Severities from 1 to 10, as CEF and LEEF have them. */
export const SEVERITY_OF_TEN: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 3,
  medium: 5,
  high: 8,
  critical: 10,
}
