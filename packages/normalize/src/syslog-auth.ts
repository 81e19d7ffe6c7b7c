import type { FieldValue, JsonObject } from '@weir/model'
import { ipOf } from './address.ts'
import { derived, folded, type Row, reach, textOf } from './read.ts'

type Part = 'user' | 'target' | 'source' | 'port' | 'command'

/** One sentence of one program, and what it means. */
interface Sentence {
  readonly says: RegExp
  readonly action: string
  readonly outcome?: 'success' | 'failure'
}

/** OpenSSH, sudo, su and useradd, as they have written for many years. */
const SENTENCES: ReadonlyMap<string, readonly Sentence[]> = new Map(
  Object.entries({
    sshd: [
      {
        says: /^Accepted \S+ for (?<user>\S+) from (?<source>\S+) port (?<port>\d+)/,
        action: 'ssh_login',
        outcome: 'success',
      },
      {
        says: /^Failed \S+ for (?:invalid user )?(?<user>.*) from (?<source>\S+) port (?<port>\d+) ssh2?$/,
        action: 'ssh_login',
        outcome: 'failure',
      },
      {
        says: /^Invalid user (?<user>.*) from (?<source>\S+)(?: port (?<port>\d+))?$/,
        action: 'ssh_invalid_user',
        outcome: 'failure',
      },
    ],
    sudo: [
      {
        says: /^(?<user>\S+) : TTY=[^;]* ; PWD=[^;]* ; USER=(?<target>\S+) ; (?:[A-Z]+=[^;]* ; )*COMMAND=(?<command>.*)$/,
        action: 'sudo',
        outcome: 'success',
      },
      // The reason stands first: a wrong password, a user or a command that is not allowed.
      {
        says: /^(?<user>\S+) : [^;=]+ ; TTY=[^;]* ; PWD=[^;]* ; USER=(?<target>\S+) ; (?:[A-Z]+=[^;]* ; )*COMMAND=(?<command>.*)$/,
        action: 'sudo',
        outcome: 'failure',
      },
    ],
    su: [
      { says: /^\(to (?<target>\S+)\) (?<user>\S+) on /, action: 'su', outcome: 'success' },
      { says: /^FAILED SU \(to (?<target>\S+)\) (?<user>\S+) on /, action: 'su', outcome: 'failure' },
    ],
    useradd: [{ says: /^new user: name=(?<target>[^,\s]+)/, action: 'user_added', outcome: 'success' }],
  } satisfies Record<string, readonly Sentence[]>),
)

const appAt = reach('syslog.app')
const messageAt = reach('message')

interface Found {
  readonly sentence: Sentence
  readonly parts: Readonly<Partial<Record<Part, string>>>
}

/** Several fields of one event ask in a row. */
const found = new WeakMap<JsonObject, Found | 'nothing'>()

function foundIn(record: JsonObject): Found | undefined {
  const had = found.get(record)
  if (had !== undefined) return had === 'nothing' ? undefined : had
  const made = find(record)
  found.set(record, made ?? 'nothing')
  return made
}

function find(record: JsonObject): Found | undefined {
  const app = textOf(appAt(record))
  const message = textOf(messageAt(record))
  // Newer OpenSSH logs from a process per session.
  const sentences = SENTENCES.get(app === 'sshd-session' ? 'sshd' : (app ?? ''))
  if (sentences === undefined || message === undefined) return undefined
  for (const sentence of sentences) {
    const match = sentence.says.exec(message)
    if (match !== null) return { sentence, parts: match.groups ?? {} }
  }
  return undefined
}

function of(words: string, read: (found: Found) => FieldValue): Row {
  return derived(`message of sshd, sudo, su or useradd: ${words}`, (record) => {
    const match = foundIn(record)
    return match === undefined ? undefined : read(match)
  })
}

const AUTHENTICATION: readonly string[] = ['authentication']
const IAM: readonly string[] = ['iam']

/** The rows that these sentences give. */
export const SYSLOG_AUTH = {
  action: folded(of('what was done', ({ sentence }) => sentence.action)),
  outcome: of('whether it was', ({ sentence }) => sentence.outcome),
  category: of('authentication or iam', ({ sentence }) =>
    sentence.action === 'user_added' ? IAM : AUTHENTICATION,
  ),
  user: folded(of('who', ({ parts }) => parts.user)),
  target: folded(of('as whom, or who was made', ({ parts }) => parts.target)),
  command: of('COMMAND', ({ parts }) => parts.command),
  sourceIp: of('from', ({ parts }) => ipOf(parts.source ?? '')),
  sourceAddress: of('from', ({ parts }) => parts.source),
  sourcePort: of('port', ({ parts }) => (parts.port === undefined ? undefined : Number(parts.port))),
} as const
