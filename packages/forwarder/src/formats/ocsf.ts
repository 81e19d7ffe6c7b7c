import type { AlertV1, Severity } from '@weir/contract'
import { cloudOf, evidencesOf, observablesOf } from './ocsf-evidence.ts'
import { findingInfo } from './ocsf-finding-info.ts'
import { present } from './present.ts'

/** The release of the Open Cybersecurity Schema Framework that documents follow. */
const OCSF_VERSION = '1.5.0'

const CATEGORY = { category_uid: 2, category_name: 'Findings' } as const
const CLASS = { class_uid: 2004, class_name: 'Detection Finding' } as const
const CREATE = { id: 1, name: 'Create' } as const
const UPDATE = { id: 2, name: 'Update' } as const
const CLOSE = { id: 3, name: 'Close' } as const

const SEVERITIES: Readonly<Record<Severity, readonly [id: number, name: string]>> = {
  informational: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
}

/** An alert as a Detection Finding (class 2004) of OCSF; times are epoch milliseconds. */
export function ocsfFinding(alert: AlertV1): Readonly<Record<string, unknown>> {
  const { event, message, weir } = alert
  const cloud = cloudOf(alert)
  return {
    ...activityOf(alert),
    ...CATEGORY,
    ...CLASS,
    ...severityOf(weir.alert.severity),
    ...statusOf(alert),
    time: Date.parse(alert['@timestamp']),
    start_time: Date.parse(event.start),
    end_time: Date.parse(event.end),
    count: weir.alert.count,
    is_alert: true,
    metadata: metadataOf(alert, cloud === undefined ? [] : ['cloud']),
    finding_info: findingInfo(alert),
    ...present({
      message,
      cloud,
      evidences: evidencesOf(alert),
      observables: observablesOf(alert),
      remediation: present({ desc: weir.remedy }),
      unmapped: present({ weir, related: alert.related, outcome: event.outcome }),
    }),
  }
}

/** An alert that is whole from the beginning comes as revision 1 and closed: that creates it. */
function activityOf({ weir }: AlertV1): Readonly<Record<string, unknown>> {
  const { revision, status } = weir.alert
  const activity = revision === 1 ? CREATE : status === 'open' ? UPDATE : CLOSE
  return {
    activity_id: activity.id,
    activity_name: activity.name,
    type_uid: CLASS.class_uid * 100 + activity.id,
    type_name: `${CLASS.class_name}: ${activity.name}`,
  }
}

function severityOf(severity: Severity): Readonly<Record<string, unknown>> {
  const [id, name] = SEVERITIES[severity]
  return { severity_id: id, severity: name }
}

/**
 * OCSF's status tells what analysts did, Weir's whether the alert still grows. A closed detection is as unseen as an
 * open one; a health alert that is closed says that its cause is gone.
 */
function statusOf({ weir }: AlertV1): Readonly<Record<string, unknown>> {
  const { status, kind, merged_into: into } = weir.alert
  switch (status) {
    case 'open':
      return { status_id: 1, status: 'New' }
    case 'closed':
      return kind === 'health' ? { status_id: 4, status: 'Resolved' } : { status_id: 1, status: 'New' }
    case 'merged':
      return { status_id: 99, status: into === undefined ? 'Withdrawn' : 'Merged' }
    default:
      return status satisfies never
  }
}

function metadataOf(alert: AlertV1, profiles: readonly string[]): Readonly<Record<string, unknown>> {
  const { observer, event, rule, weir } = alert
  return {
    version: OCSF_VERSION,
    product: { name: observer.product, vendor_name: observer.vendor, version: observer.version },
    uid: `${weir.alert.id}.${weir.alert.revision}`,
    event_code: rule.id,
    log_name: 'weir.alert',
    log_provider: event.provider,
    logged_time: Date.parse(event.created),
    original_time: alert['@timestamp'],
    profiles,
    ...present({ labels: alert.tags }),
  }
}
