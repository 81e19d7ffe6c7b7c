import type { Blindness } from '@weir/engine'
import type { HealthReport } from '@weir/model'
import type { HealthBook } from './health-book.ts'

/** Blind rules of which nothing stands yet, and those that stand and see again or are gone. */
export function blindReports(
  blindness: Blindness,
  raised: ReturnType<HealthBook['raised']>,
  now: number,
): HealthReport[] {
  const standing = new Set(raised.filter(({ code }) => code === 'rule-blind').map(({ subject }) => subject))
  const blind = blindness.blind(now).filter(({ rule }) => !standing.has(rule))
  return [
    ...[...standing]
      .filter((rule) => blindness.sees(rule, now))
      .map(
        (rule): HealthReport => ({
          ...of(rule),
          state: 'cleared',
          detail: 'Its fields occur, or it is gone.',
        }),
      ),
    ...blind.map(({ rule, fields, events, candidates }): HealthReport => {
      const detail = `None of ${candidates} events that meet the rest of the rule has ${fields.join(', ')}; ${events} events of its datasets were looked at.`
      return { ...of(rule), state: 'raised', detail }
    }),
  ]
}

function of(rule: string): Pick<HealthReport, 'code' | 'subject'> {
  return { code: 'rule-blind', subject: rule }
}
