/** What an event id means, in the words that Elastic's rules use. */
export interface WindowsAction {
  readonly action: string
  readonly category: readonly string[]
  readonly type?: readonly string[]
  /** Whose doing it was, and to whom: which members of `event_data` name them. */
  readonly roles: 'logon' | 'subject' | 'account' | 'member' | 'group' | 'none'
  readonly outcome?: 'success' | 'failure'
}

const LOGON = ['authentication']
const IAM = ['iam']
const PROCESS = ['process']
const SYSTEM = ['configuration']

/** Ids of the Security channel; other channels use the same numbers for other things. */
export const SECURITY_ACTIONS: ReadonlyMap<number, WindowsAction> = new Map<number, WindowsAction>([
  [
    1102,
    {
      action: 'audit-log-cleared',
      category: SYSTEM,
      type: ['deletion'],
      roles: 'subject',
      outcome: 'success',
    },
  ],
  [4624, { action: 'logged-in', category: LOGON, type: ['start'], roles: 'logon', outcome: 'success' }],
  [4625, { action: 'logon-failed', category: LOGON, type: ['start'], roles: 'logon', outcome: 'failure' }],
  [4634, { action: 'logged-out', category: LOGON, type: ['end'], roles: 'logon', outcome: 'success' }],
  [4647, { action: 'logged-out', category: LOGON, type: ['end'], roles: 'logon', outcome: 'success' }],
  [
    4648,
    { action: 'logged-in-explicit', category: LOGON, type: ['start'], roles: 'account', outcome: 'success' },
  ],
  [
    4672,
    { action: 'logged-in-special', category: IAM, type: ['admin'], roles: 'subject', outcome: 'success' },
  ],
  [
    4688,
    { action: 'created-process', category: PROCESS, type: ['start'], roles: 'subject', outcome: 'success' },
  ],
  [
    4689,
    { action: 'exited-process', category: PROCESS, type: ['end'], roles: 'subject', outcome: 'success' },
  ],
  [
    4697,
    {
      action: 'service-installed',
      category: SYSTEM,
      type: ['creation'],
      roles: 'subject',
      outcome: 'success',
    },
  ],
  [4698, { action: 'scheduled-task-created', category: SYSTEM, type: ['creation'], roles: 'subject' }],
  [4699, { action: 'scheduled-task-deleted', category: SYSTEM, type: ['deletion'], roles: 'subject' }],
  [4702, { action: 'scheduled-task-updated', category: SYSTEM, type: ['change'], roles: 'subject' }],
  [4719, { action: 'changed-audit-config', category: SYSTEM, type: ['change'], roles: 'subject' }],
  [4720, { action: 'added-user-account', category: IAM, type: ['user', 'creation'], roles: 'account' }],
  [4722, { action: 'enabled-user-account', category: IAM, type: ['user', 'change'], roles: 'account' }],
  [4723, { action: 'changed-password', category: IAM, type: ['user', 'change'], roles: 'account' }],
  [4724, { action: 'reset-password', category: IAM, type: ['user', 'change'], roles: 'account' }],
  [4725, { action: 'disabled-user-account', category: IAM, type: ['user', 'change'], roles: 'account' }],
  [4726, { action: 'deleted-user-account', category: IAM, type: ['user', 'deletion'], roles: 'account' }],
  [4727, { action: 'added-group-account', category: IAM, type: ['group', 'creation'], roles: 'group' }],
  [4728, { action: 'added-member-to-group', category: IAM, type: ['group', 'change'], roles: 'member' }],
  [4729, { action: 'removed-member-from-group', category: IAM, type: ['group', 'change'], roles: 'member' }],
  [4730, { action: 'deleted-group-account', category: IAM, type: ['group', 'deletion'], roles: 'group' }],
  [4731, { action: 'added-group-account', category: IAM, type: ['group', 'creation'], roles: 'group' }],
  [4732, { action: 'added-member-to-group', category: IAM, type: ['group', 'change'], roles: 'member' }],
  [4733, { action: 'removed-member-from-group', category: IAM, type: ['group', 'change'], roles: 'member' }],
  [4738, { action: 'modified-user-account', category: IAM, type: ['user', 'change'], roles: 'account' }],
  [4740, { action: 'locked-out-user-account', category: IAM, type: ['user', 'change'], roles: 'account' }],
  [4756, { action: 'added-member-to-group', category: IAM, type: ['group', 'change'], roles: 'member' }],
  [4757, { action: 'removed-member-from-group', category: IAM, type: ['group', 'change'], roles: 'member' }],
  [4767, { action: 'unlocked-user-account', category: IAM, type: ['user', 'change'], roles: 'account' }],
  [
    4768,
    { action: 'kerberos-authentication-ticket-requested', category: LOGON, type: ['start'], roles: 'logon' },
  ],
  [4769, { action: 'kerberos-service-ticket-requested', category: LOGON, type: ['start'], roles: 'logon' }],
  [
    4771,
    {
      action: 'kerberos-preauth-failed',
      category: LOGON,
      type: ['start'],
      roles: 'logon',
      outcome: 'failure',
    },
  ],
  [4776, { action: 'credential-validated', category: LOGON, type: ['start'], roles: 'logon' }],
])

/** Ids of the System channel. */
export const SYSTEM_ACTIONS: ReadonlyMap<number, WindowsAction> = new Map<number, WindowsAction>([
  [
    104,
    {
      action: 'event-log-cleared',
      category: SYSTEM,
      type: ['deletion'],
      roles: 'subject',
      outcome: 'success',
    },
  ],
  [
    7045,
    { action: 'service-installed', category: SYSTEM, type: ['creation'], roles: 'none', outcome: 'success' },
  ],
])
