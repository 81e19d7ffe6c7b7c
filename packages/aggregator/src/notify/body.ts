import type { HealthNotice } from '@weir/model'
import type { NotifierConfig } from './config.ts'

/** Bytes of one body; chat and paging services take less. One that would be larger is refused, and told so. */
const BODY_BYTES_MAX = 100_000

/**
 * `passed`: it came and went before it could be told as raised, or was an instant and not a condition. Nobody will
 * clear it, so it is not told as if it had been cleared.
 */
type NoticeState = 'raised' | 'cleared' | 'passed'

/** What is posted for a notice. Throws `WeirError` OUTPUT_FAILED for a body that would be too large. */
export function bodyOf(notice: HealthNotice, { body }: Pick<NotifierConfig, 'body'>): string {
  return body === undefined
    ? JSON.stringify(essentials(notice))
    : body.render({ ...notice.alert, notice: about(notice) }, BODY_BYTES_MAX)
}

/** `notice` in a template, beside the alert. */
function about(notice: HealthNotice) {
  const { code, subject } = notice.alert.weir.alert.group
  return { state: stateOf(notice), code, subject }
}

function essentials(notice: HealthNotice) {
  const { alert, remedy } = notice.alert.weir
  const { id, revision, severity, first: since, last: at } = alert
  return { id, revision, ...about(notice), severity, message: notice.alert.message, remedy, since, at }
}

function stateOf({ alert, told }: HealthNotice): NoticeState {
  if (alert.weir.alert.status === 'open') return 'raised'
  return told ? 'cleared' : 'passed'
}
