export { ENQUEUED_AT_PROPERTY } from './batch.ts'
export type { FaultRule } from './faults.ts'
export type { EmulatorState } from './operator.ts'
export { type EventHubsEmulator, type EventHubsOptions, startEventHubs } from './start.ts'
