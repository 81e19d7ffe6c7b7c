import type { CaseResult, RuleTestResult } from '@weir/pipeline'

/** Results as JUnit XML: a suite per rule, a case per case, and one more for each that a rule lacks. */
export function junitOf(results: readonly RuleTestResult[]): string {
  const suites = results.map(suiteOf)
  const tests = suites.reduce((sum, suite) => sum + suite.tests, 0)
  const failures = suites.reduce((sum, suite) => sum + suite.failures, 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="weir rules test" tests="${tests}" failures="${failures}">`,
    ...suites.flatMap((suite) => suite.lines),
    '</testsuites>',
    '',
  ].join('\n')
}

interface Suite {
  readonly tests: number
  readonly failures: number
  readonly lines: readonly string[]
}

function suiteOf({ rule, cases, lacks }: RuleTestResult): Suite {
  const failures = cases.filter((each) => !each.ok).length + lacks.length
  const tests = cases.length + lacks.length
  return {
    tests,
    failures,
    lines: [
      `  <testsuite name="${escaped(rule)}" tests="${tests}" failures="${failures}">`,
      ...cases.flatMap(caseLines),
      ...lacks.flatMap((kind) => failedLines(rule, `has a ${kind}`, [`lacks a ${kind}`])),
      '  </testsuite>',
    ],
  }
}

function caseLines({ rule, name, ok, failures }: CaseResult): readonly string[] {
  return ok ? [`    <testcase ${namesOf(rule, name)}/>`] : failedLines(rule, name, failures)
}

function failedLines(rule: string, name: string, failures: readonly string[]): readonly string[] {
  return [
    `    <testcase ${namesOf(rule, name)}>`,
    `      <failure message="${escaped(failures[0] ?? '')}">${escaped(failures.join('\n'))}</failure>`,
    '    </testcase>',
  ]
}

function namesOf(rule: string, name: string): string {
  return `classname="${escaped(rule)}" name="${escaped(name)}"`
}

/** Characters that XML 1.0 cannot hold, not even escaped; half of a surrogate pair is among them. */
const UNHELD = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

function escaped(text: string): string {
  return text.replace(UNHELD, '\u{fffd}').replace(/[&<>"\t\n\r]/g, (char) => ENTITIES[char]!)
}
