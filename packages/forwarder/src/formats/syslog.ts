import type { AlertV1, Severity } from '@weir/contract'

/** Syslog severities: 2 critical, 3 error, 4 warning, 5 notice, 6 informational. */
const SYSLOG_SEVERITY: Readonly<Record<Severity, number>> = {
  critical: 2,
  high: 3,
  medium: 4,
  low: 5,
  informational: 6,
}

export interface SyslogHeader {
  /** 0 to 23. */
  readonly facility: number
  readonly hostname: string
  readonly appName: string
}

/**
 * The RFC 5424 header of an alert with the space before the message: no process id, no structured data, no
 * byte
 * order mark. Its time is when the alert was made, so that a message that is sent again is the same.
 */
export function syslogHeader(alert: AlertV1, { facility, hostname, appName }: SyslogHeader): string {
  const { kind, severity } = alert.weir.alert
  const priority = facility * 8 + SYSLOG_SEVERITY[severity]
  const time = new Date(alert.event.created).toISOString()
  return `<${priority}>1 ${time} ${hostname} ${appName} - ${kind} - `
}
