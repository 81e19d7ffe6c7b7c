import type { Window } from '../rest/windows.ts'
import type { GraphConfig, GraphStreamName, SignInEventType } from './config.ts'

/** What is read as one partition: where it is asked for, by which time, and what it needs. */
export interface GraphStream {
  /** Name of the partition. */
  readonly name: string
  readonly path: string
  /** The member by which windows are cut, as the filter and the record spell it. */
  readonly time: string
  /** A further condition of the filter. */
  readonly only?: string
  /** Only where the service documents that it can sort. */
  readonly orderBy?: string
  readonly dataset: string
  readonly permission: string
  /** Whose limit the requests count against. */
  readonly limit: 'reports' | 'alerts'
}

const AUDIT_LOG = { permission: 'AuditLog.Read.All', limit: 'reports' } as const
const SIGN_INS = { ...AUDIT_LOG, time: 'createdDateTime', dataset: 'azure.signinlogs' } as const

const STREAMS: Readonly<Record<GraphStreamName, GraphStream>> = {
  signIns: { ...SIGN_INS, name: 'signIns', path: '/v1.0/auditLogs/signIns' },
  directoryAudits: {
    ...AUDIT_LOG,
    name: 'directoryAudits',
    path: '/v1.0/auditLogs/directoryAudits',
    time: 'activityDateTime',
    orderBy: 'activityDateTime asc',
    dataset: 'azure.auditlogs',
  },
  alerts: {
    name: 'alerts',
    path: '/v1.0/security/alerts_v2',
    // Set when an alert is made and again with each change, so one window holds new and changed ones.
    time: 'lastUpdateDateTime',
    dataset: 'm365_defender.alert',
    permission: 'SecurityAlert.Read.All',
    limit: 'alerts',
  },
}

/** The streams that a configuration names. */
export function streamsOf({ streams, betaSignIns }: GraphConfig): GraphStream[] {
  return [...streams.map((name) => STREAMS[name]), ...betaSignIns.map(betaStream)]
}

function betaStream(type: SignInEventType): GraphStream {
  const only = `signInEventTypes/any(t: t eq '${type}')`
  return { ...SIGN_INS, name: `signIns.${type}`, path: '/beta/auditLogs/signIns', only }
}

/** The first page of a closed window; the ends belong to both of two neighbours. */
export function urlOf({ path, time, only, orderBy }: GraphStream, { from, to }: Window, top: number): string {
  const conditions = [
    `${time} ge ${iso(from)}`,
    `${time} le ${iso(to)}`,
    ...(only === undefined ? [] : [only]),
  ]
  const filter = `$filter=${encodeURIComponent(conditions.join(' and '))}`
  const order = orderBy === undefined ? '' : `&$orderby=${encodeURIComponent(orderBy)}`
  return `${path}?${filter}&$top=${top}${order}`
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
