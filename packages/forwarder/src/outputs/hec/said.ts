import type { HecReply } from './client.ts'

/** A reply in words. */
export function said({ status, text, code }: HecReply): string {
  return `HTTP ${status}${code === undefined ? '' : `, code ${code}`}${text === '' ? '' : `, ${text}`}`
}
