import type { RulesReply } from '@weir/contract'
import type { Rule, RuleSet } from '@weir/engine'
import type { HealthReport } from '@weir/model'
import { type Clock, messageOf, type Report } from '@weir/runtime'
import { problemLine } from './problem-line.ts'
import { fingerprint, loadRuleFolders } from './rule-folder.ts'

export interface RuleKeeperPorts {
  readonly clock: Clock
  readonly report: Report
  readonly replace: (rules: RuleSet) => void
  readonly health: (report: HealthReport) => void
}

/** Errors shown of a refused set; the rest is counted. */
const PROBLEMS_SHOWN_MAX = 20

/** Keeps the rule set in force as the files change: a set with an error is refused whole, and the old one stays. */
export class RuleKeeper {
  readonly #folders: readonly string[]
  readonly #ports: RuleKeeperPorts
  #rules: RuleSet
  #mark: string
  #loadedAt: number
  #refused: string[]

  private constructor(folders: readonly string[], ports: RuleKeeperPorts, rules: RuleSet, mark: string) {
    this.#folders = folders
    this.#ports = ports
    this.#rules = rules
    this.#mark = mark
    this.#loadedAt = ports.clock.now()
    this.#refused = []
  }

  /** The first load: what is wrong is left out and said, because without any rule the line would be blind. */
  static async open(folders: readonly string[], ports: RuleKeeperPorts): Promise<RuleKeeper> {
    const mark = await fingerprint(folders)
    const rules = await loadRuleFolders(folders)
    const keeper = new RuleKeeper(folders, ports, rules, mark)
    keeper.#judge(rules)
    return keeper
  }

  get rules(): RuleSet {
    return this.#rules
  }

  /** Looks for changes until the signal aborts. */
  async watch(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#ports.clock.sleep(everyMs, signal)
      if (!signal.aborted) await this.#look()
    }
  }

  reply(): RulesReply {
    return {
      hash: this.#rules.hash,
      loadedAt: new Date(this.#loadedAt).toISOString(),
      refused: this.#refused,
      rules: this.#rules.rules.map(ruleView),
    }
  }

  async #look(): Promise<void> {
    try {
      const mark = await fingerprint(this.#folders)
      if (mark === this.#mark) return
      this.#mark = mark
      const rules = await loadRuleFolders(this.#folders)
      if (!this.#judge(rules) || rules.hash === this.#rules.hash) return
      this.#rules = rules
      this.#loadedAt = this.#ports.clock.now()
      this.#ports.replace(rules)
    } catch (error) {
      this.#refuse([messageOf(error)])
    }
  }

  /** True when nothing in the set is wrong. */
  #judge(rules: RuleSet): boolean {
    const errors = rules.problems.filter((problem) => problem.severity === 'error').map(problemLine)
    if (errors.length > 0) {
      this.#refuse(errors)
      return false
    }
    this.#refused = []
    this.#ports.health({
      code: 'rules-refused',
      subject: 'rules',
      state: 'cleared',
      detail: 'All rule files load.',
    })
    return true
  }

  #refuse(lines: readonly string[]): void {
    const more = lines.length - PROBLEMS_SHOWN_MAX
    this.#refused = [...lines.slice(0, PROBLEMS_SHOWN_MAX), ...(more > 0 ? [`and ${more} more`] : [])]
    this.#ports.report.event('error', 'rules_refused', { problems: this.#refused })
    this.#ports.health({
      code: 'rules-refused',
      subject: 'rules',
      state: 'raised',
      detail: this.#refused.join('; '),
    })
  }
}

function ruleView(rule: Rule): RulesReply['rules'][number] {
  return {
    id: rule.id,
    name: rule.name,
    severity: rule.severity,
    datasets: [...rule.datasets],
    attack: [...rule.attack],
    ...(rule.correlation === undefined ? {} : { correlation: rule.correlation.type }),
    mode: rule.mode,
    alert: rule.alert,
    file: rule.file,
  }
}
