import { existsSync, readFileSync } from 'node:fs'
import { loadRuleFolders } from '@weir/aggregator'
import type { Rule, RuleSet } from '@weir/engine'
import { type Alert, HEALTH, type HealthCode } from '@weir/model'
import { readRuleCases, testCase } from '@weir/pipeline'
// biome-ignore lint/style/noRestrictedImports: health alerts are made within the pipeline alone
import { HealthBook } from '../../packages/pipeline/src/health-book.ts'

/** Alerts as they go out: of every case of every shipped rule, and each kind of health alert raised and cleared. */
export async function everyAlert(): Promise<Alert[]> {
  const rules = await loadRuleFolders([new URL('../../rules', import.meta.url).pathname])
  const detections: Alert[] = []
  for (const rule of rules.rules) detections.push(...(await alertsOf(rules, rule)))
  return [...detections, ...healthAlerts()]
}

async function alertsOf(rules: RuleSet, rule: Rule): Promise<Alert[]> {
  const path = rule.file.replace(/\.json$/, '.test.json')
  if (!existsSync(path)) return []
  const alerts: Alert[] = []
  for (const each of readRuleCases(path, readFileSync(path, 'utf8')))
    alerts.push(...(await testCase(rules, rule, each)).came)
  return alerts
}

function healthAlerts(): Alert[] {
  const book = new HealthBook('test', [])
  const report = (state: 'raised' | 'cleared', now: number) => {
    for (const code of Object.keys(HEALTH) as HealthCode[])
      book.report({ code, subject: 'hub/0', state, detail: 'as it was seen' }, now)
  }
  report('raised', Date.UTC(2026, 2, 10, 9))
  report('cleared', Date.UTC(2026, 2, 10, 10))
  return book.take().map(({ alert }) => alert)
}
