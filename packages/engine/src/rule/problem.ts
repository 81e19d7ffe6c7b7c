import { nearest } from './nearest.ts'

/** What is wrong with a rule file, and where: `line` and `column` count from 1, in UTF-16 units. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly severity: 'error' | 'warning'
  readonly code: ProblemCode
  readonly message: string
}

export type ProblemCode =
  | 'json'
  | 'required'
  | 'type'
  | 'unknown-property'
  | 'unknown-dataset'
  | 'unknown-fact'
  | 'unknown-field'
  | 'unknown-operator'
  | 'unknown-value'
  | 'unknown-rule'
  | 'unknown-technique'
  | 'conditions'
  | 'path'
  | 'value'
  | 'never-matches'
  | 'correlation'
  | 'unsupported'
  | 'duplicate-id'
  | 'cycle'
  | 'bare-rule'
  | 'slow'
  | 'unused'
  | 'unreachable'

/** The problems of one file, told by offset into its text. */
export class Problems {
  readonly file: string
  readonly list: Problem[] = []
  readonly #text: string

  constructor(file: string, text: string) {
    this.file = file
    this.#text = text
  }

  get failed(): boolean {
    return this.list.some((problem) => problem.severity === 'error')
  }

  error(at: number, code: ProblemCode, message: string): undefined {
    this.#add(at, code, message, 'error')
  }

  warn(at: number, code: ProblemCode, message: string): void {
    this.#add(at, code, message, 'warning')
  }

  /** An unknown name, with the nearest known one. */
  unknown(at: number, code: ProblemCode, what: string, name: string, known: Iterable<string>): undefined {
    const near = nearest(name, known)
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    this.error(at, code, `unknown ${what} "${name}"${hint}`)
  }

  #add(at: number, code: ProblemCode, message: string, severity: Problem['severity']): void {
    const before = this.#text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    this.list.push({ file: this.file, line, column, severity, code, message })
  }
}
