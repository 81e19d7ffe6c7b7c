/** What correlation may hold, and how it paces what it ships. */
export interface CorrelateLimits {
  /** Members that one group of a rule holds; further matches are skipped and counted, which errs towards fewer and smaller alerts. */
  readonly membersPerGroupMax: number
  /** Groups that one rule holds; matches of further groups are skipped and counted, which errs towards fewer alerts. */
  readonly groupsPerRuleMax: number
  /** Those of them that are held whole, which takes kilobytes; a match by which one more would is skipped and counted. */
  readonly wholeGroupsPerRuleMax: number
  /** Terms that one new_terms rule remembers; matches of further terms are skipped and counted, which errs towards fewer alerts. */
  readonly termsPerRuleMax: number
  /** Extent of one episode in event time; later matches begin a new one, which errs towards more alerts. */
  readonly episodeHoursMax: number
  /** Members that a finding lists, half from its beginning and half from its end; the others stay reachable by its id. */
  readonly eventsListedMax: number
  /** Wall clock milliseconds without growth after which an unshipped revision goes out. */
  readonly quietMs: number
}

export const CORRELATE_LIMITS: CorrelateLimits = {
  membersPerGroupMax: 10_000,
  groupsPerRuleMax: 1_000_000,
  wholeGroupsPerRuleMax: 200_000,
  termsPerRuleMax: 500_000,
  episodeHoursMax: 24,
  eventsListedMax: 20,
  quietMs: 60_000,
}
