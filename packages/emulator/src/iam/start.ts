import type { Clock } from '@weir/runtime'
import { type Protocol, Refused, type Reply, type StandIn, startStandIn } from '../aws/stand-in.ts'

/** The credential report of IAM on loopback: the query protocol, answered in XML. */
export interface Iam extends StandIn {
  /** What the next report will say: its header and rows. */
  say(lines: readonly string[]): void
}

export interface IamSettings {
  /** How often a report is asked for before it is complete. */
  readonly steps: number
  /** A report younger than this is given again instead of being made anew. */
  readonly freshMs: number
}

interface Report {
  readonly text: string
  readonly madeAt: number
}

const XMLNS = 'https://iam.amazonaws.com/doc/2010-05-08/'

export async function startIam(settings: IamSettings, clock: Pick<Clock, 'now'>): Promise<Iam> {
  const reports = new Reports(settings, clock)
  const standIn = await startStandIn(protocolOf(reports))
  return { ...standIn, say: (lines) => reports.say(lines) }
}

/** Makes one report at a time. */
class Reports {
  readonly #settings: IamSettings
  readonly #clock: Pick<Clock, 'now'>
  #lines: readonly string[] = []
  #left: number | undefined
  #last: Report | undefined

  constructor(settings: IamSettings, clock: Pick<Clock, 'now'>) {
    this.#settings = settings
    this.#clock = clock
  }

  say(lines: readonly string[]): void {
    this.#lines = lines
  }

  generate(): 'STARTED' | 'INPROGRESS' | 'COMPLETE' {
    if (this.#left === undefined && this.#isFresh()) return 'COMPLETE'
    const started = this.#left === undefined
    this.#left = (this.#left ?? this.#settings.steps) - 1
    if (this.#left >= 0) return started ? 'STARTED' : 'INPROGRESS'
    this.#left = undefined
    this.#last = { text: this.#lines.join('\n'), madeAt: this.#clock.now() }
    return 'COMPLETE'
  }

  /** Throws `Refused` where there is none to give. */
  get(): Report {
    if (this.#left !== undefined)
      throw new Refused(404, 'ReportInProgress', 'The credential report is still being generated.')
    if (this.#last === undefined) throw new Refused(410, 'ReportNotPresent', 'There is no credential report.')
    if (!this.#isFresh()) throw new Refused(410, 'ReportExpired', 'The credential report has expired.')
    return this.#last
  }

  #isFresh(): boolean {
    return this.#last !== undefined && this.#clock.now() - this.#last.madeAt < this.#settings.freshMs
  }
}

function protocolOf(reports: Reports): Protocol {
  return {
    action: (_, body) => new URLSearchParams(body).get('Action') ?? '',
    async answer(action) {
      if (action === 'GenerateCredentialReport') return result(action, `<State>${reports.generate()}</State>`)
      if (action !== 'GetCredentialReport') throw new Refused(400, 'InvalidAction', `no action ${action}`)
      const { text, madeAt } = reports.get()
      const content = Buffer.from(text).toString('base64')
      const made = new Date(madeAt).toISOString()
      const report = `<Content>${content}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>${made}</GeneratedTime>`
      return result(action, report)
    },
    refusal({ status, code, message }) {
      const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`
      return xml(status, `<ErrorResponse xmlns="${XMLNS}">${error}<RequestId>r</RequestId></ErrorResponse>`)
    },
  }
}

function result(action: string, inner: string): Reply {
  const metadata = '<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>'
  const outer = `<${action}Result>${inner}</${action}Result>${metadata}`
  return xml(200, `<${action}Response xmlns="${XMLNS}">${outer}</${action}Response>`)
}

function xml(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/xml' }, body }
}
