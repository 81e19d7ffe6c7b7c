import type { AlertV1, Severity } from '@weir/contract'
import { stamp3164 } from './stamp.ts'

/** Syslog severities: 2 critical, 3 error, 4 warning, 5 notice, 6 informational. */
const SYSLOG_SEVERITY: Readonly<Record<Severity, number>> = {
  critical: 2,
  high: 3,
  medium: 4,
  low: 5,
  informational: 6,
}

export interface SyslogHeader {
  readonly header: 'rfc5424' | 'rfc3164'
  /** 0 to 23. */
  readonly facility: number
  readonly hostname: string
  readonly appName: string
  /** Of RFC 3164's stamp, which cannot say it: an IANA name. */
  readonly zone: string
}

/**
 * The header of an alert with the space before the message. Its time is when the alert was made, so that a
 * message that is sent again is the same. RFC 5424: no process id, no structured data, kind as message id.
 * RFC 3164: no tag, because CEF and LEEF follow the host at once.
 */
export function syslogHeader(alert: AlertV1, shape: SyslogHeader): string {
  const { kind, severity } = alert.weir.alert
  const { header, hostname, appName, facility, zone } = shape
  const priority = facility * 8 + SYSLOG_SEVERITY[severity]
  const time = new Date(alert.event.created)
  return header === 'rfc5424'
    ? `<${priority}>1 ${time.toISOString()} ${hostname} ${appName} - ${kind} - `
    : `<${priority}>${stamp3164(time, zone)} ${hostname} `
}
