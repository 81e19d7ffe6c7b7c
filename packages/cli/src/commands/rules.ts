import type { Command } from 'commander'
import { example } from '../example.ts'
import { addRulesBacktest } from './rules-backtest.ts'
import { addRulesCertify } from './rules-certify.ts'
import { addRulesCheck } from './rules-check.ts'
import { addRulesExplain } from './rules-explain.ts'
import { addRulesImportSigma } from './rules-import-sigma.ts'
import { addRulesNew } from './rules-new.ts'
import { addRulesPromote } from './rules-promote.ts'
import { addRulesTest } from './rules-test.ts'

/** `weir rules …`: the author's tools. */
export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('begin, check, test, explain, promote, backtest, certify and import rules')
    .addHelpText('after', example('weir rules check rules'))
  addRulesCheck(rules)
  addRulesTest(rules)
  addRulesExplain(rules)
  addRulesNew(rules)
  addRulesPromote(rules)
  addRulesBacktest(rules)
  addRulesCertify(rules)
  addRulesImportSigma(rules)
}
