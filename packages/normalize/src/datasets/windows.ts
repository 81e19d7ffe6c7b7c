import type { Dataset, FieldValue, JsonObject } from '@weir/model'
import { ipOf } from '../address.ts'
import { parseTime } from '../parse-time.ts'
import {
  constant,
  derived,
  first,
  folded,
  mapped,
  member,
  numberOf,
  type Row,
  reach,
  text,
  textOf,
} from '../read.ts'
import { dataset, HOUR_MS, type Table } from '../table.ts'
import { SECURITY_ACTIONS, SYSTEM_ACTIONS, type WindowsAction } from '../windows-actions.ts'
import { lastSegment } from './cef-log.ts'

const channelAt = reach('winlog.channel')
const codeAt = reach('winlog.event_id')
const computerAt = reach('winlog.computer_name')
const numberAt = reach('winlog.record_id')
const dataAt = reach('winlog.event_data')
const moreAt = reach('winlog.user_data')
const keywordsAt = reach('winlog.keywords')

/** Windows events in the shape of Winlogbeat, to which the other shapes are brought. */
const TABLE: Omit<Table, 'name'> = {
  latenessMs: HOUR_MS,
  time: (record) => parseTime(record.time),
  id,
  columns: (record) => [record.time, record.winlog],
  rows: {
    message: text('message'),
    'event.code': text('winlog.event_id'),
    'event.action': action('what the event id means', ({ action: name }) => name),
    'event.category': action('what the event id means', ({ category }) => category),
    'event.type': action('what the event id means', ({ type }) => type),
    'event.outcome': derived('what the event id means, else Status, else winlog.keywords', outcome),
    'event.provider': text('winlog.provider_name'),
    'event.reason': first(data('FailureReason'), data('SubStatus'), data('Status')),
    'log.level': folded(text('winlog.level')),
    'host.name': folded(text('winlog.computer_name')),
    'user.name': folded(byRole('who did it or logged on', userName)),
    'user.domain': folded(byRole('domain of user.name', userDomain)),
    'user.id': byRole('SID of user.name', userId),
    'user.target.name': folded(byRole('the account that was acted on', targetName)),
    'user.target.domain': folded(byRole('domain of user.target.name', targetDomain)),
    'user.target.id': byRole('SID of user.target.name', targetId),
    'group.name': folded(byRole('TargetUserName of events on groups', groupName)),
    'group.domain': folded(byRole('TargetDomainName of events on groups', groupDomain)),
    'group.id': byRole('TargetSid of events on groups', groupId),
    'source.ip': mapped(first(data('IpAddress'), data('ClientAddress')), 'address', ipOf),
    'source.port': mapped(data('IpPort'), 'number', portOf),
    'source.address': first(
      data('IpAddress'),
      data('ClientAddress'),
      data('WorkstationName'),
      data('Workstation'),
    ),
    'source.domain': folded(first(data('WorkstationName'), data('Workstation'))),
    'process.name': folded(
      mapped(first(data('NewProcessName'), data('ProcessName')), 'last segment', lastSegment),
    ),
    'process.executable': first(data('NewProcessName'), data('ProcessName')),
    'process.command_line': first(data('CommandLine'), data('ProcessCommandLine')),
    'process.pid': mapped(first(data('NewProcessId'), data('ProcessId')), 'number', (value) =>
      numberOf(value),
    ),
    'process.parent.name': folded(mapped(data('ParentProcessName'), 'last segment', lastSegment)),
    'process.parent.executable': data('ParentProcessName'),
    'service.name': data('ServiceName'),
    'file.path': first(data('ImagePath'), data('ServiceFileName')),
    'winlog.channel': text('winlog.channel'),
    'winlog.record_id': text('winlog.record_id'),
    'winlog.logon.type': mapped(data('LogonType'), 'name', (code) => LOGON_TYPES.get(Number(code))),
    'winlog.logon.type_code': mapped(data('LogonType'), 'number', (code) => numberOf(code)),
    'winlog.logon.id': data('TargetLogonId'),
    'winlog.logon.failure.status': folded(data('Status')),
    'winlog.logon.failure.sub_status': folded(data('SubStatus')),
    'winlog.task_name': data('TaskName'),
    'winlog.service.account': data('AccountName'),
    'log.source.address': text('syslog.peer'),
    'os.type': constant('windows'),
  },
}

/** The Security channel. */
export const WINDOWS_SECURITY: Dataset = dataset({ ...TABLE, name: 'windows.security' })

/** Every other channel: System, Application, those of services. */
export const WINDOWS_EVENTLOG: Dataset = dataset({ ...TABLE, name: 'windows.eventlog' })

/** Numbers begin anew when a log is cleared, so the time belongs to the id. */
function id(record: JsonObject): string | undefined {
  const number = textOf(numberAt(record))
  if (number === undefined) return undefined
  const computer = textOf(computerAt(record))?.toLowerCase() ?? ''
  return `${computer}/${textOf(channelAt(record))}/${number}@${parseTime(record.time) ?? ''}`
}

const LOGON_TYPES: ReadonlyMap<number, string> = new Map([
  [2, 'Interactive'],
  [3, 'Network'],
  [4, 'Batch'],
  [5, 'Service'],
  [7, 'Unlock'],
  [8, 'NetworkCleartext'],
  [9, 'NewCredentials'],
  [10, 'RemoteInteractive'],
  [11, 'CachedInteractive'],
])

function actionOf(record: JsonObject): WindowsAction | undefined {
  const code = codeAt(record)
  if (typeof code !== 'number') return undefined
  const channel = channelAt(record)
  if (channel === 'Security') return SECURITY_ACTIONS.get(code)
  return channel === 'System' ? SYSTEM_ACTIONS.get(code) : undefined
}

function action(from: string, read: (action: WindowsAction) => FieldValue): Row {
  return derived(from, (record) => {
    const found = actionOf(record)
    return found && read(found)
  })
}

/** A member of the event's data; a dash, and the SID of nobody, are Windows's words for none. */
function dataOf(record: JsonObject, key: string): string | undefined {
  const value = textOf(member(dataAt(record), key)) ?? textOf(member(moreAt(record), key))
  return value === '-' || value === 'S-1-0-0' ? undefined : value
}

function data(key: string): Row {
  return derived(`winlog.event_data.${key}`, (record) => dataOf(record, key))
}

type Get = (key: string) => string | undefined

function byRole(from: string, read: (roles: WindowsAction['roles'], get: Get) => string | undefined): Row {
  return derived(`winlog.event_data: ${from}`, (record) =>
    read(actionOf(record)?.roles ?? 'none', (key) => dataOf(record, key)),
  )
}

function userName(roles: WindowsAction['roles'], get: Get): string | undefined {
  return roles === 'logon' ? get('TargetUserName') : get('SubjectUserName')
}

function userDomain(roles: WindowsAction['roles'], get: Get): string | undefined {
  return roles === 'logon' ? get('TargetDomainName') : get('SubjectDomainName')
}

function userId(roles: WindowsAction['roles'], get: Get): string | undefined {
  return roles === 'logon' ? (get('TargetUserSid') ?? get('TargetSid')) : get('SubjectUserSid')
}

/** Members are named by their place in the directory. */
function targetName(roles: WindowsAction['roles'], get: Get): string | undefined {
  if (roles === 'account') return get('TargetUserName')
  if (roles !== 'member') return undefined
  const written = get('MemberName')
  return /^CN=((?:\\.|[^,\\])+)/i.exec(written ?? '')?.[1]?.replace(/\\(.)/g, '$1') ?? written
}

function targetDomain(roles: WindowsAction['roles'], get: Get): string | undefined {
  return roles === 'account' ? get('TargetDomainName') : undefined
}

function targetId(roles: WindowsAction['roles'], get: Get): string | undefined {
  if (roles === 'account') return get('TargetSid')
  return roles === 'member' ? get('MemberSid') : undefined
}

function isOnGroup(roles: WindowsAction['roles']): boolean {
  return roles === 'member' || roles === 'group'
}

function groupName(roles: WindowsAction['roles'], get: Get): string | undefined {
  return isOnGroup(roles) ? get('TargetUserName') : undefined
}

function groupDomain(roles: WindowsAction['roles'], get: Get): string | undefined {
  return isOnGroup(roles) ? get('TargetDomainName') : undefined
}

function groupId(roles: WindowsAction['roles'], get: Get): string | undefined {
  return isOnGroup(roles) ? get('TargetSid') : undefined
}

function portOf(written: string): number | undefined {
  const value = numberOf(written)
  return value === undefined || value <= 0 ? undefined : value
}

/** The bits that the audit sets, as a number, in hexadecimal or in words. */
const SUCCESS = /audit.?success|^0x8020000000000000$/i
const FAILURE = /audit.?failure|^0x8010000000000000$/i
const SUCCESS_NUMBER = -(2 ** 63 - 2 ** 53)
const FAILURE_NUMBER = -(2 ** 63 - 2 ** 52)

function outcome(record: JsonObject): string | undefined {
  const told = actionOf(record)?.outcome
  if (told !== undefined) return told
  const status = dataOf(record, 'Status')
  if (status !== undefined && /^0x[\da-f]+$/i.test(status))
    return Number(status) === 0 ? 'success' : 'failure'
  const keywords = keywordsAt(record)
  const words = (Array.isArray(keywords) ? keywords : [keywords]).map((each) => textOf(each) ?? '')
  if (words.some((word) => FAILURE.test(word) || Number(word) === FAILURE_NUMBER)) return 'failure'
  return words.some((word) => SUCCESS.test(word) || Number(word) === SUCCESS_NUMBER) ? 'success' : undefined
}
