import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { Nic, Tenant } from '../tenant.ts'
import { azureTime } from '../times.ts'

/** One flow as the gateway saw it. */
export interface Flow {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly inbound: boolean
  readonly denied: boolean
}

/** Sources on the internet that knock at a few doors, each always at the same ones. */
const KNOCKERS = Array.from({ length: 24 }, (_, n) => ({
  ip: `192.0.2.${n * 5 + 3}`,
  ports: [[22], [23, 2_323], [445], [3_389], [22, 80, 8_080], [5_060]][n % 6]!,
}))

const ENCRYPTION = ['X', 'NX', 'NX_HW_NOT_SUPPORTED', 'NX_NOT_SUPPORTED']

/** A minute of ordinary flows at one interface. */
export function ordinaryFlows(random: Random, nic: Nic, count: number): Flow[] {
  return Array.from({ length: count }, () => (random.chance(0.12) ? knock(random, nic) : work(random, nic)))
}

function knock(random: Random, nic: Nic): Flow {
  const { ip, ports } = random.pick(KNOCKERS)
  return {
    source: ip,
    destination: nic.ip,
    sourcePort: random.between(30_000, 60_000),
    destinationPort: random.pick(ports),
    inbound: true,
    denied: true,
  }
}

function work(random: Random, nic: Nic): Flow {
  const inbound = random.chance(0.5)
  const peer = `10.${random.between(20, 30)}.${random.between(1, 4)}.${random.between(4, 60)}`
  return {
    source: inbound ? peer : nic.ip,
    destination: inbound ? nic.ip : peer,
    sourcePort: random.between(30_000, 60_000),
    destinationPort: random.pick([443, 443, 443, 1_433, 5_432, 53, 8_080]),
    inbound,
    denied: false,
  }
}

/** A record of version 4: a virtual network's flows at one interface in one minute. */
export function vnetRecord(
  tenant: Tenant,
  random: Random,
  time: number,
  nic: Nic,
  flows: readonly Flow[],
): JsonObject {
  const groups = [true, false].map((denied) => ({
    rule: denied ? 'DefaultRule_DenyAllInBound' : 'UserRule_AllowPartners',
    flowTuples: flows.filter((flow) => flow.denied === denied).map((flow) => vnetTuple(random, time, flow)),
  }))
  return {
    time: azureTime(time, random),
    flowLogVersion: 4,
    flowLogGUID: '9d1f0c4e-6c2a-4c3e-9a57-3a1d8d0c7e11',
    macAddress: nic.mac,
    category: 'FlowLogFlowEvent',
    flowLogResourceID: tenant.vnet.flowLogId,
    targetResourceID: tenant.vnet.targetId,
    operationName: 'FlowLogFlowEvent',
    flowRecords: {
      flows: [
        {
          aclID: '5b2e7d40-1f3a-4f6b-8a09-0c6f1e2d3b4a',
          flowGroups: groups.filter(({ flowTuples }) => flowTuples.length > 0),
        },
      ],
    },
  }
}

function vnetTuple(random: Random, time: number, flow: Flow): string {
  const at = time - random.between(0, 59_000)
  const protocol = flow.destinationPort === 53 || flow.destinationPort === 5_060 ? 17 : 6
  const state = flow.denied ? 'D' : random.pick(['B', 'C', 'E'])
  const counts = state === 'D' || state === 'B' ? [0, 0, 0, 0] : traffic(random)
  const parts = [at, flow.source, flow.destination, flow.sourcePort, flow.destinationPort, protocol]
  return [...parts, flow.inbound ? 'I' : 'O', state, random.pick(ENCRYPTION), ...counts].join(',')
}

/** A record of the older kind: a security group's flows at one interface in one minute. */
export function nsgRecord(
  tenant: Tenant,
  random: Random,
  time: number,
  nic: Nic,
  flows: readonly Flow[],
): JsonObject {
  const rules = [true, false].map((denied) => ({
    rule: denied ? 'DefaultRule_DenyAllInBound' : 'UserRule_AllowPartners',
    flows: [
      {
        mac: nic.mac,
        flowTuples: flows
          .filter((flow) => flow.denied === denied)
          .map((flow) => nsgTuple(random, time, flow)),
      },
    ],
  }))
  return {
    time: azureTime(time, random),
    systemId: '2f8e0b1d-77aa-4b11-b1f7-9a10c2d3e4f5',
    macAddress: nic.mac,
    category: 'NetworkSecurityGroupFlowEvent',
    resourceId: tenant.nsg.resourceId,
    operationName: 'NetworkSecurityGroupFlowEvents',
    properties: { Version: 2, flows: rules.filter(({ flows: [only] }) => only!.flowTuples.length > 0) },
  }
}

function nsgTuple(random: Random, time: number, flow: Flow): string {
  const at = Math.floor(time / 1_000) - random.between(0, 59)
  const state = flow.denied ? 'B' : random.pick(['B', 'C', 'E'])
  const counts = state === 'B' ? ['', '', '', ''] : traffic(random)
  const parts = [at, flow.source, flow.destination, flow.sourcePort, flow.destinationPort]
  const protocol = flow.destinationPort === 53 || flow.destinationPort === 5_060 ? 'U' : 'T'
  return [...parts, protocol, flow.inbound ? 'I' : 'O', flow.denied ? 'D' : 'A', state, ...counts].join(',')
}

function traffic(random: Random): number[] {
  return [
    random.between(3, 90),
    random.between(400, 90_000),
    random.between(3, 120),
    random.between(400, 900_000),
  ]
}
