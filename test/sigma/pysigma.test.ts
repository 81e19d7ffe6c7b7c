import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FieldMap, importSigma, type SigmaOutcome } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { describe, expect, test } from 'vitest'
import { CORPUS } from './corpus.ts'

interface Case {
  readonly test: string
  readonly line: number
  readonly expect_error: string | null
  readonly yaml: string
}

/** The log sources of these cases are of no provider: their fields are sought in the record, and some grouped by. */
const MAP: FieldMap = {
  logsource: {},
  dataset: ['generic'],
  unmapped: 'record',
  placeholders: { test: ['a', 'b*'] },
  fields: {
    user: 'user.name',
    TargetUserName: 'user.name',
    TargetDomainName: 'organization.id',
    Domain: 'organization.id',
    Endpoint: { path: '$.Endpoint', group: 'url.original' },
    ResponseTime: { path: '$.ResponseTime', group: 'http.response.status_code' },
    fieldB: { path: '$.fieldB', group: 'host.name' },
    fieldC: { path: '$.fieldC', group: 'process.name' },
    fieldD: { path: '$.fieldD', group: 'file.name' },
  },
}

const BACKEND =
  'accepted: what is refused there is a target that lacks a part of the specification; Weir has it'
const FRAGMENT = 'refused: the text was cut out of a longer one and is no document'
const TEXT =
  'refused: the specification has a list of rules and a map of bounds, no condition over rule names'

/** Where Weir decides otherwise than the case says, by the name of its test. */
const OTHERWISE: Readonly<Record<string, string>> = {
  test_convert_value_regex_flag_explicit_unsupported: BACKEND,
  test_convert_compare_fields_startswith_unsupported: BACKEND,
  test_convert_compare_fields_endswith_unsupported: BACKEND,
  test_convert_compare_fields_contains_unsupported: BACKEND,
  test_backend_unknown_output_format: 'accepted: the rule is sound, the output format asked for is not',
  test_correlation_valid_1_from_yaml:
    'refused: the rule that it names is in another text; with it, accepted below',
  extended_temporal_correlation_simple_and: TEXT,
  extended_temporal_correlation_simple_or: TEXT,
  extended_temporal_correlation_simple_not: TEXT,
  extended_temporal_correlation_complex: TEXT,
  extended_temporal_ordered_correlation: TEXT,
  test_extended_temporal_correlation_precedence_and_or: TEXT,
  test_extended_temporal_correlation_precedence_parentheses: TEXT,
  test_extended_temporal_correlation_multiple_not: TEXT,
  test_filter_missing_rules_field_raises_error:
    'refused: "rules" of a filter is mandatory, as the name of the test says',
  test_filter_condition_suffix_wildcard: FRAGMENT,
  test_filter_condition_prefix_wildcard: FRAGMENT,
  test_filter_condition_all_of_suffix_wildcard: FRAGMENT,
  test_filter_condition_of_them: FRAGMENT,
  test_filter_condition_wildcard_does_not_match_rule_identifiers: FRAGMENT,
  test_filter_condition_multiple_filters_with_wildcards: FRAGMENT,
}

const cases: readonly Case[] =
  CORPUS === undefined
    ? []
    : readFileSync(join(CORPUS, 'pysigma-tests/extracted/yaml-cases.public.jsonl'), 'utf8')
        .split('\n')
        .flatMap((line) => (line === '' ? [] : (JSON.parse(line) as Case)))

function outcomesOf(...texts: readonly string[]): readonly SigmaOutcome[] {
  return importSigma(
    texts.map((text, at) => ({ path: `case-${at}.yml`, text })),
    [MAP],
    DATASETS,
  ).outcomes
}

describe.skipIf(CORPUS === undefined)('cases of another implementation', () => {
  test.each(cases.map((each) => [each.test, each.line, each] as const))(
    '%s, line %i',
    (name, _line, { yaml, expect_error }) => {
      const outcomes = outcomesOf(yaml)
      const accepted = outcomes.length > 0 && outcomes.every(({ outcome }) => outcome === 'imported')
      const expected = expect_error === null ? 'accepted' : 'refused'
      const otherwise = OTHERWISE[name]?.split(':')[0] ?? expected
      expect({ says: accepted ? 'accepted' : 'refused', outcomes }).toMatchObject({ says: otherwise })
    },
  )

  test('every exception is one', () => {
    expect(cases.length).toBe(155)
    for (const [name, reason] of Object.entries(OTHERWISE)) {
      const listed = cases.filter((each) => each.test === name)
      expect(
        listed.map(({ expect_error }) => (expect_error === null ? 'accepted' : 'refused')),
      ).not.toContain(reason.split(':')[0])
      expect(listed).not.toEqual([])
    }
  })

  test('a correlation with the rule that it names beside it', () => {
    const text = (name: string) => cases.find((each) => each.test === name)!.yaml
    const outcomes = outcomesOf(
      text('test_correlation_valid_1_from_yaml'),
      cases.find(({ yaml }) => yaml.includes('name: failed_login\n'))!.yaml,
    )
    expect(outcomes.map(({ reason }) => reason)).toEqual(outcomes.map(() => null))
  })
})
