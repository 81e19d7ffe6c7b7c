/**
 * What unwrap, classify and repeatKey cost against JSON.parse of the same lines, interleaved in one process on
 * fresh records: `node packages/normalize/test/cost.ts`.
 */
import { classify, repeatKey, unwrap } from '../src/index.ts'

const RECORDS = 500
const ROUNDS = 150

const KINDS: Readonly<Record<string, (n: number) => object>> = {
  'azure.signinlogs': signin,
  'aws.cloudtrail': cloudtrail,
  'o365.audit': audit,
  'azure.activitylogs': activity,
}

for (const [name, make] of Object.entries(KINDS)) report(name, make)

function report(name: string, make: (n: number) => object): void {
  const bare: number[] = []
  const ours: number[] = []
  const wrapped: number[] = []
  const wrappedBare: number[] = []
  let bytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    const records = Array.from({ length: RECORDS }, (_, n) => make(round * RECORDS + n))
    const lines = Buffer.from(records.map((each) => JSON.stringify(each)).join('\n'))
    const envelope = Buffer.from(JSON.stringify({ records }))
    bytes = lines.length
    bare.push(timed(() => parseLines(lines)))
    ours.push(timed(() => read(lines)))
    wrappedBare.push(timed(() => JSON.parse(envelope.toString()).records.length))
    wrapped.push(timed(() => read(envelope)))
  }
  const speed = bytes / 1e6 / (median(ours) / 1000)
  const ratio = (median(bare) / median(ours)).toFixed(2)
  const wrappedRatio = (median(wrappedBare) / median(wrapped)).toFixed(2)
  const size = Math.round(bytes / RECORDS)
  process.stdout.write(
    `${name.padEnd(20)} ${size} B  ${speed.toFixed(0)} MB/s  lines ${ratio}  envelope ${wrappedRatio}\n`,
  )
}

function parseLines(bytes: Buffer): number {
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    let stop = bytes.indexOf(10, at)
    if (stop === -1) stop = bytes.length
    if (JSON.parse(bytes.toString('utf8', at, stop)) !== null) count++
    at = stop + 1
  }
  return count
}

function read(bytes: Buffer): number {
  const keys = new Set<string>()
  const unwrapped = unwrap(bytes)
  for (const [index, record] of unwrapped.records.entries())
    keys.add(repeatKey(record, classify(record), () => unwrapped.bytesOf(index)).id)
  return keys.size
}

function timed(run: () => number): number {
  const start = performance.now()
  if (run() !== RECORDS) throw new Error('a record went missing')
  return performance.now() - start
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] as number
}

function guid(n: number): string {
  const hex = Math.imul(n + 1, 0x9e3779b1) >>> 0
  return `${hex.toString(16).padStart(8, '0')}-1d2c-4f5a-8b7e-${n.toString(16).padStart(12, '0')}`
}

function signin(n: number): object {
  const time = new Date(1.77e12 + n * 37).toISOString()
  return {
    time,
    resourceId: `/tenants/${guid(1)}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category: 'NonInteractiveUserSignInLogs',
    tenantId: guid(1),
    resultType: n % 9 === 0 ? '50126' : '0',
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: `203.0.113.${n % 250}`,
    correlationId: guid(n + 7),
    identity: `User ${n % 500}`,
    Level: 4,
    location: 'DE',
    properties: {
      id: guid(n),
      createdDateTime: time,
      userDisplayName: `User ${n % 500}`,
      userPrincipalName: `user${n % 500}@example.com`,
      userId: guid(n % 500),
      appId: guid(n % 20),
      appDisplayName: 'Example Portal',
      ipAddress: `203.0.113.${n % 250}`,
      status: { errorCode: n % 9 === 0 ? 50126 : 0, additionalDetails: 'MFA requirement satisfied by claim' },
      clientAppUsed: 'Browser',
      userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)',
      deviceDetail: { deviceId: '', operatingSystem: 'Windows10', browser: 'Edge 120.0', isManaged: true },
      location: {
        city: 'Berlin',
        state: 'Berlin',
        countryOrRegion: 'DE',
        geoCoordinates: { latitude: 52.5, longitude: 13.4 },
      },
      conditionalAccessStatus: 'success',
      riskState: 'none',
      riskLevelDuringSignIn: 'none',
      authenticationProcessingDetails: [{ key: 'Login Hint Present', value: 'True' }],
      autonomousSystemNumber: 64500,
    },
  }
}

function cloudtrail(n: number): object {
  return {
    eventVersion: '1.08',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLE:session${n % 50}`,
      arn: `arn:aws:sts::111122223333:assumed-role/reader/session${n % 50}`,
      accountId: '111122223333',
      accessKeyId: 'ASIAEXAMPLE',
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: 'AROAEXAMPLE', userName: 'reader' },
        attributes: { creationDate: '2026-01-02T03:04:05Z', mfaAuthenticated: 'false' },
      },
    },
    eventTime: new Date(1.77e12 + n * 1000).toISOString(),
    eventSource: 's3.amazonaws.com',
    eventName: 'GetBucketAcl',
    awsRegion: 'eu-central-1',
    sourceIPAddress: `198.51.100.${n % 250}`,
    userAgent: 'aws-cli/2.15.0 Python/3.11.6 Linux/6.1.0 botocore/2.4.5',
    requestParameters: { bucketName: `bucket-${n % 90}`, Host: 's3.eu-central-1.amazonaws.com', acl: '' },
    responseElements: null,
    additionalEventData: {
      SignatureVersion: 'SigV4',
      CipherSuite: 'TLS_AES_128_GCM_SHA256',
      bytesTransferredIn: 0,
    },
    requestID: guid(n + 5),
    eventID: guid(n),
    readOnly: true,
    resources: [{ accountId: '111122223333', type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::bucket-${n % 90}` }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
  }
}

function audit(n: number): object {
  return {
    CreationTime: new Date(1.77e12 + n * 1000).toISOString().slice(0, 19),
    Id: guid(n),
    Operation: 'FileAccessed',
    OrganizationId: guid(2),
    RecordType: 6,
    UserKey: `i:0h.f|membership|${n % 300}@live.com`,
    UserType: 0,
    Version: 1,
    Workload: 'SharePoint',
    ClientIP: `192.0.2.${n % 250}`,
    ObjectId: `https://example.sharepoint.com/sites/one/Shared Documents/file-${n}.docx`,
    UserId: `user${n % 300}@example.com`,
    CorrelationId: guid(n + 3),
    EventSource: 'SharePoint',
    ItemType: 'File',
    ListId: guid(9),
    Site: guid(10),
    UserAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15',
    SourceFileExtension: 'docx',
    SiteUrl: 'https://example.sharepoint.com/sites/one/',
    SourceFileName: `file-${n}.docx`,
    SourceRelativeUrl: 'Shared Documents',
  }
}

function activity(n: number): object {
  return {
    time: new Date(1.77e12 + n * 1000).toISOString(),
    resourceId: `/SUBSCRIPTIONS/${guid(3)}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM${n % 80}`,
    operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION',
    category: 'Administrative',
    resultType: 'Success',
    resultSignature: 'Succeeded.',
    durationMs: '0',
    callerIpAddress: `198.51.100.${n % 250}`,
    correlationId: guid(n),
    identity: {
      authorization: { scope: '/subscriptions/x', action: 'Microsoft.Compute/virtualMachines/start/action' },
      claims: { aud: 'https://management.example.com/', name: `User ${n % 40}`, oid: guid(n % 40) },
    },
    level: 'Information',
    properties: {
      eventCategory: 'Administrative',
      entity: '/subscriptions/x',
      message: 'started',
      hierarchy: 'a/b',
    },
  }
}
