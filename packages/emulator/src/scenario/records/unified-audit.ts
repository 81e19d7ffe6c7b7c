import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { Tenant, User } from '../tenant.ts'
import { zonelessTime } from '../times.ts'

/** One entry of the unified audit: what its workload adds stands in `more`. */
export interface Entry {
  readonly operation: string
  readonly recordType: number
  readonly workload: string
  readonly user: User
  readonly objectId: string
  readonly ip?: string
  readonly id?: string
  readonly more: JsonObject
}

export function unifiedAudit(tenant: Tenant, random: Random, time: number, entry: Entry): JsonObject {
  return {
    CreationTime: zonelessTime(time),
    Id: entry.id ?? random.guid(),
    Operation: entry.operation,
    OrganizationId: tenant.id,
    RecordType: entry.recordType,
    UserKey: entry.user.id,
    UserType: 0,
    Version: 1,
    Workload: entry.workload,
    ResultStatus: 'Succeeded',
    ObjectId: entry.objectId,
    UserId: entry.user.upn,
    ClientIP: entry.ip ?? entry.user.officeIp,
    AppAccessContext: {
      AADSessionId: random.guid(),
      CorrelationId: random.guid(),
      UniqueTokenId: random.token(22),
    },
    ...entry.more,
  }
}

/** A cmdlet of Exchange, with its parameters. */
export function cmdlet(
  user: User,
  operation: string,
  objectId: string,
  parameters: Readonly<Record<string, string>>,
): Entry {
  return {
    operation,
    recordType: 1,
    workload: 'Exchange',
    user,
    objectId,
    more: {
      ExternalAccess: false,
      OrganizationName: 'nordhafen.onmicrosoft.example',
      OriginatingServer: 'AM0PR01MB0001 (15.20.8093.014)',
      Parameters: Object.entries(parameters).map(([Name, Value]) => ({ Name, Value })),
    },
  }
}

/** Files, mail and meetings of a working day. */
export function ordinaryEntry(tenant: Tenant, random: Random, time: number): JsonObject {
  const user = random.pick(tenant.users)
  const build = random.weighted([
    [fileEntry, 50],
    [mailEntry, 25],
    [signInEntry, 15],
    [teamsEntry, 30],
  ] as const)
  return unifiedAudit(tenant, random, time, build(tenant, random, user))
}

function fileEntry(tenant: Tenant, random: Random, user: User): Entry {
  const site = `https://nordhafen.sharepoint.example/sites/${user.department.toLowerCase()}/`
  const file = `Quote-${random.between(1_000, 9_999)}.xlsx`
  return {
    operation: random.weighted([
      ['FileAccessed', 6],
      ['FileModified', 3],
      ['FileDownloaded', 1],
    ] as const),
    recordType: 6,
    workload: 'SharePoint',
    user,
    objectId: `${site}Shared Documents/${file}`,
    more: {
      EventSource: 'SharePoint',
      ItemType: 'File',
      ListId: random.guid(),
      Site: random.guid(),
      SiteUrl: site,
      SourceFileName: file,
      SourceFileExtension: 'xlsx',
      SourceRelativeUrl: 'Shared Documents',
      UserAgent: user.device.agent,
      ApplicationDisplayName: 'SharePoint Online',
      GeoLocation: 'EUR',
      FileSizeBytes: random.between(9_000, 900_000),
      CorrelationId: random.guid(),
      DeviceDisplayName: `NH-${tenant.id.slice(0, 4).toUpperCase()}`,
    },
  }
}

function mailEntry(_: Tenant, random: Random, user: User): Entry {
  return {
    operation: 'MailItemsAccessed',
    recordType: 50,
    workload: 'Exchange',
    user,
    objectId: '',
    more: {
      ClientInfoString: 'Client=OutlookService;Outlook-Android/2.0;',
      ExternalAccess: false,
      InternalLogonType: 0,
      LogonType: 0,
      LogonUserSid: `S-1-5-21-${random.between(1e8, 9e8)}-${random.between(1e8, 9e8)}-${random.between(1e4, 9e4)}`,
      MailboxGuid: random.guid(),
      MailboxOwnerUPN: user.upn,
      OperationProperties: [
        { Name: 'MailAccessType', Value: 'Bind' },
        { Name: 'IsThrottled', Value: 'False' },
      ],
      OperationCount: random.between(1, 6),
      Folders: [
        {
          Id: random.token(40),
          Path: '\\Inbox',
          FolderItems: [
            {
              InternetMessageId: `<${random.hex(24)}@nordhafen.example>`,
              SizeInBytes: random.between(9_000, 90_000),
            },
          ],
        },
      ],
    },
  }
}

function signInEntry(tenant: Tenant, random: Random, user: User): Entry {
  return {
    operation: 'UserLoggedIn',
    recordType: 15,
    workload: 'AzureActiveDirectory',
    user,
    objectId: '00000003-0000-0ff1-ce00-000000000000',
    more: {
      AzureActiveDirectoryEventType: 1,
      ExtendedProperties: [
        { Name: 'ResultStatusDetail', Value: 'Success' },
        { Name: 'UserAgent', Value: user.device.agent },
        { Name: 'RequestType', Value: 'OAuth2:Token' },
      ],
      ModifiedProperties: [],
      Actor: [
        { ID: user.id, Type: 0 },
        { ID: user.upn, Type: 5 },
      ],
      ActorContextId: tenant.id,
      ActorIpAddress: user.officeIp,
      InterSystemsId: random.guid(),
      Target: [{ ID: '00000003-0000-0ff1-ce00-000000000000', Type: 0 }],
      TargetContextId: tenant.id,
      ApplicationId: '4765445b-32c6-49b0-83e6-1d93765276ca',
      DeviceProperties: [{ Name: 'OS', Value: user.device.system }],
      ErrorNumber: '0',
    },
  }
}

function teamsEntry(_: Tenant, random: Random, user: User): Entry {
  return {
    operation: random.pick(['TeamsSessionStarted', 'MessageSent', 'MeetingParticipantDetail']),
    recordType: 25,
    workload: 'MicrosoftTeams',
    user,
    objectId: 'Unknown (Unknown)',
    more: {
      ChatThreadId: `19:${random.hex(32)}@thread.v2`,
      ItemName: '',
      ExtraProperties: [],
      MessageVersion: '0',
    },
  }
}
