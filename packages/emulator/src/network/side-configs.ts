import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Certificates } from '../certificates.ts'
import type { SiemReady } from '../siem/siem.ts'

/** Hubs of the development network and their partitions. */
export const HUBS = [
  { name: 'entra', partitions: 4 },
  { name: 'activity', partitions: 2 },
  { name: 'platform', partitions: 2 },
  { name: 'aws', partitions: 2 },
  { name: 'o365', partitions: 2 },
] as const

/** Containers of the development network and how their blobs grow. */
const CONTAINERS = [
  { container: 'insights-logs-flowlogflowevent', kind: 'flow' },
  { container: 'insights-logs-networksecuritygroupflowevent', kind: 'flow' },
  { container: 'insights-logs-auditevent', kind: 'append' },
  { container: 'insights-logs-storageread', kind: 'append' },
] as const

export const FORWARDER_NAME = 'on-prem'

/** Environment variables that carry the tokens; the files only name them. */
export const TOKEN_ENV = {
  reader: 'WEIR_READER_TOKEN',
  forwarder: 'WEIR_FORWARDER_TOKEN',
} as const

/** The rules that ship with Weir. */
const RULES_FOLDER = fileURLToPath(new URL('../../../../rules', import.meta.url))

export interface AggregatorSide {
  readonly folder: string
  readonly port: number
  readonly hubConnection: string
  readonly blobConnection: string
  readonly certificates: Certificates
  /** The API takes only callers with a certificate. */
  readonly mutualTls: boolean
}

export type AggregatorFile = ReturnType<typeof aggregatorFile>

/** What stands in the aggregator's configuration file. */
export function aggregatorFile(side: AggregatorSide) {
  const { server, ca } = side.certificates
  return {
    store: { path: join(side.folder, 'weir.db') },
    rules: { folders: [RULES_FOLDER] },
    api: {
      port: side.port,
      tls: { ...server, ...(side.mutualTls ? { ca } : {}) },
      tokens: [
        { name: 'analyst', role: 'reader', token: { env: TOKEN_ENV.reader } },
        { name: FORWARDER_NAME, role: 'forwarder', token: { env: TOKEN_ENV.forwarder } },
      ],
    },
    forwarders: [{ name: FORWARDER_NAME }],
    sources: [
      {
        type: 'event-hubs',
        name: 'hubs',
        auth: { kind: 'emulator', connectionString: side.hubConnection },
        hubs: HUBS.map((hub) => hub.name),
        consumerGroup: '$Default',
        statusEvery: '500ms',
      },
      {
        type: 'blobs',
        name: 'blobs',
        auth: { kind: 'emulator', connectionString: side.blobConnection },
        containers: CONTAINERS,
        pollEvery: '500ms',
        // Hours that are long over are still being written here.
        recheckEvery: '1s',
        discoverEvery: '1s',
        hoursFirst: 12,
        hoursBack: 12,
      },
    ],
    // The scenario's records tell of the last hours and are all handed over within seconds.
    lateness: Object.fromEntries(LATE_DATASETS.map((dataset) => [dataset, '24h'])),
    line: { quietRevision: '2s' },
    watch: { cutOffSecondsMax: 30 },
  }
}

const LATE_DATASETS = [
  'azure.signinlogs',
  'azure.auditlogs',
  'azure.activitylogs',
  'azure.keyvault',
  'azure.storage',
  'azure.nsgflow',
  'azure.vnetflow',
  'azure.platformlogs',
  'aws.cloudtrail',
  'o365.audit',
  'generic',
]

export interface ForwarderSide {
  readonly folder: string
  readonly url: string
  readonly siem: SiemReady
  readonly certificates: Certificates
  /** Aggregator and SIEM take only callers with a certificate. */
  readonly mutualTls: boolean
}

export type ForwarderFile = ReturnType<typeof forwarderFile>

/** What stands in the forwarder's configuration file. */
export function forwarderFile(side: ForwarderSide) {
  const { ca, client } = side.certificates
  const tls = { ca, ...(side.mutualTls ? client : {}) }
  return {
    aggregators: [{ name: 'cloud', url: side.url, token: { env: TOKEN_ENV.forwarder }, ...tls }],
    spool: { path: join(side.folder, 'spool.db') },
    outputs: [
      {
        type: 'syslog',
        name: 'siem',
        host: 'localhost',
        port: side.siem.syslogTls,
        transport: 'tls',
        ...tls,
      },
    ],
  }
}
